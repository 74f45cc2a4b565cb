import { assertEquals } from "@std/assert";
import { parse } from "valibot";
import { defineChain, defineStore, env, file, flag, fromEnv, required, token } from "../../mod.ts";
import { permissions, permissionsSchema } from "../../src/report/mod.ts";

const issuer = defineStore({
  kind: "issuer",
  shape: token,
  permissions: (_, { url }: { url: string }) => ({ net: [new URL(url).host] }),
  open: (_: { url: string }) => () => undefined,
});

const fields = { user: required() };
const chain = defineChain({
  stores: {
    issuer: issuer({ priority: 4, enabled: flag("ISSUER"), url: fromEnv("ISSUER_URL") }),
    state: file({ priority: 3, directory: fromEnv("STATE_DIR", "state") }),
    odd: file({ priority: 2, directory: "it's, here" }),
    unused: file({ priority: 5, directory: "nowhere" }),
    env: env({ priority: 1 }),
  },
  credentials: {
    "db:basic": {
      fields,
      from: {
        issuer: { with: { user: fromEnv("ISSUER_USER", "reader") } },
        state: "db.json",
        odd: "db.json",
        env: { prefix: "DB_" },
      },
    },
  },
  defaults: { forbidWhen: flag("STRICT") },
});

const NAMES = ["ISSUER", "ISSUER_URL", "STATE_DIR", "ISSUER_USER", "STRICT", "DB_USER"];

Deno.test("permissions() leaves out a store that is off, and one that no credential uses", () => {
  const report = parse(permissionsSchema, permissions(chain, { env: {} }));
  assertEquals([report.env, report.read, report.net], [NAMES, ["state", "it's, here"], []]);
  assertEquals(report.flags, `--allow-env=${NAMES.join(",")} --allow-read=state,'it'\\''s,, here'`);
  assertEquals(report.notes, ['"issuer" is off: its permissions are left out']);
});

Deno.test("permissions() shows the host of a URL in a variable, and nothing else of the value", () => {
  const host = {
    env: { ISSUER: "1", ISSUER_URL: "https://name:word@login.test:8443/path?query", STATE_DIR: "/private" },
  };
  const report = permissions(chain, host);
  assertEquals([report.net, report.read], [["login.test:8443"], ["$STATE_DIR", "it's, here"]]);
  assertEquals(/private|word|query/.test(JSON.stringify(report)), false);
});

Deno.test("permissions() notes which variable it needs for a host, and whether that is unset or cannot be read", () => {
  const { net, notes } = permissions(chain, { env: { ISSUER: "on" } });
  assertEquals([net, notes], [[], ['"issuer" needs ISSUER_URL to be set: run this again after that']]);
  const unreadable = permissions(chain, { env: { ISSUER: "on", ISSUER_URL: { get: () => Promise.resolve("u") } } });
  assertEquals(unreadable.notes, ['"issuer" needs ISSUER_URL to be readable: run this again after that']);
});
