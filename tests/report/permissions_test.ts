import { assertEquals } from "@std/assert";
import { parse } from "valibot";
import { defineChain, defineStore, env, file, flag, fromEnv, required, token } from "../../mod.ts";
import { vaultDynamic, vaultKv, vaultLogin } from "../../src/stores/vault/mod.ts";
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
  assertEquals([net, notes], [[], ['"issuer" needs ISSUER_URL to be set: then run this again']]);
  const unreadable = permissions(chain, { env: { ISSUER: "on", ISSUER_URL: { get: () => Promise.resolve("u") } } });
  assertEquals(unreadable.notes, ['"issuer" needs ISSUER_URL to be readable: then run this again']);
});

Deno.test("permissions() names the server of each store of Vault, by a literal URL and by a variable, and what is unset", () => {
  const needing = (url: string | ReturnType<typeof fromEnv>) =>
    defineChain({
      stores: {
        login: vaultLogin({ priority: 4, url, method: "approle", credential: "vault:role" }),
        db: vaultDynamic({ priority: 3, url: "https://[::1]:8200/", login: "vault:token", mount: "database" }),
        kv: vaultKv({ priority: 2, url: "https://vault.test", login: "vault:token", namespace: fromEnv("TEAM", "") }),
        env: env({ priority: 1 }),
      },
      credentials: {
        "vault:role": { fields: { role_id: required(), secret_id: required() }, from: { env: { prefix: "VAULT_" } } },
        "vault:token": { fields: { token: required() }, from: { login: true } },
        "pg:app": { fields, from: { db: { role: "app", fields: { user: "username" } } } },
        "neo4j:basic": { fields, from: { kv: "neo4j/app" } },
      },
    });
  const names = ["VAULT_ROLE_ID", "VAULT_SECRET_ID"];
  const literal = permissions(needing("http://127.0.0.1:8200"), { env: {} });
  assertEquals([literal.env, literal.notes], [["TEAM", ...names], []]);
  assertEquals(literal.net, ["127.0.0.1:8200", "[::1]:8200", "vault.test"]);
  assertEquals(
    literal.flags,
    `--allow-env=TEAM,${names.join(",")} --allow-net=127.0.0.1:8200,[::1]:8200,vault.test`,
  );
  const url = fromEnv("VAULT_ADDR");
  const set = permissions(needing(url), { env: { VAULT_ADDR: "https://user:word@other.test/path?query" } });
  assertEquals([set.net, set.notes], [["other.test", "[::1]:8200", "vault.test"], []]);
  const unset = permissions(needing(url), { env: {} });
  assertEquals(unset.net, ["[::1]:8200", "vault.test"]);
  assertEquals(unset.notes, ['"login" needs VAULT_ADDR to be set: then run this again']);
});

Deno.test("permissions() names the programs that a store runs, quoted for a shell", () => {
  const program = defineStore({
    kind: "program",
    shape: token,
    permissions: (_, { command }: { command: readonly string[] }) => ({ run: command.slice(0, 1) }),
    open: (_: { command: readonly string[] }) => () => undefined,
  });
  const { run, flags } = parse(
    permissionsSchema,
    permissions(defineChain({
      stores: {
        op: program({ priority: 3, command: ["op", "read"] }),
        odd: program({ priority: 2, command: ["/opt/it's, here/gh", "auth"] }),
        again: program({ priority: 1, command: ["op"] }),
      },
      credentials: { "db:basic": { fields, from: { op: true, odd: true, again: true } } },
    })),
  );
  assertEquals(run, ["op", "/opt/it's, here/gh"]);
  assertEquals(flags, "--allow-run=op,'/opt/it'\\''s,, here/gh'");
});
