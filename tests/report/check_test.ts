import { assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "valibot";
import {
  createResolver,
  defineChain,
  denied,
  env,
  file,
  flag,
  fromEnv,
  mounted,
  required,
  token,
  variables,
} from "../../mod.ts";
import { check, checkSchema, lint } from "../../src/report/mod.ts";
import { dotenv } from "../../src/stores/dotenv/dotenv.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";

function setUp(environment: Record<string, string> = {}) {
  const issuer = scriptedStore({ shape: token, needs: ["client"] });
  const vault = scriptedStore({ shape: variables });
  const chain = defineChain({
    stores: {
      issuer: issuer.store({ priority: 3, enabled: flag("ISSUER"), client: "issuer:client" }),
      vault: vault.store({ priority: 2 }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "db:basic": { fields: { user: required() }, from: { vault: { prefix: "" }, env: { prefix: "DB_" } } },
      "db:token": { fields: { token: required() }, from: { issuer: true } },
      "issuer:client": { fields: { id: required() }, from: { env: { prefix: "ISSUER_" } } },
    },
  });
  return { vault, issuer, resolver: createResolver(chain, testHost({ env: environment })) };
}

Deno.test("check() fails for a credential that no store has, but not for one that only stores which are off serve or need", async () => {
  const { resolver } = setUp();
  const { ok, credentials } = parse(checkSchema, await check(resolver));
  assertEquals(ok, false);
  assertEquals(credentials.map(({ key, code, unused }) => [key, code, unused]), [
    ["db:basic", "not_found", undefined],
    ["db:token", "not_found", true],
    ["issuer:client", "not_found", true],
  ]);
  assertEquals(credentials[0]?.missing, ["user", "DB_USER"]);
  assertEquals(credentials[0]?.reason, 'no store has it: supply user in "vault" or DB_USER in "env"');
  assertEquals((await check(setUp({ DB_USER: "reader" }).resolver)).ok, true);
});

Deno.test("check() also fails for these credentials once their store is on", async () => {
  const { resolver } = setUp({ DB_USER: "reader", ISSUER: "1" });
  const { ok, credentials } = await check(resolver, ["db:token", "issuer:client"]);
  assertEquals([ok, credentials.map(({ code, unused }) => [code, unused])], [false, [
    ["not_found", undefined],
    ["not_found", undefined],
  ]]);
});

Deno.test("check() reports the code and the reason of an error, and holds what it resolved", async () => {
  const { vault, resolver } = setUp({ DB_USER: "reader" });
  vault.answer = denied("needs key:read on this prefix");
  const { credentials } = await check(resolver, ["db:basic"]);
  const reason = '"vault" is denied: needs key:read on this prefix';
  assertEquals(credentials, [{ key: "db:basic", ok: false, code: "denied", reason }]);
  vault.answer = undefined;
  assertEquals((await check(resolver, ["db:basic"])).credentials, [{ key: "db:basic", ok: true, source: "env" }]);
  assertEquals(resolver.peek("db:basic")?.source, "env");
});

Deno.test("check() rejects for an unknown key instead of reporting it as missing", async () => {
  const { code } = await rejection(check(setUp().resolver, ["db:other" as "db:basic"]));
  assertEquals(code, "unknown_key");
});

Deno.test("check() finds a store whose directory does not exist, since a program that is started elsewhere uses its seed", async () => {
  const chain = defineChain({
    stores: {
      there: file({ priority: 8, directory: "state" }),
      relative: file({ priority: 7, directory: "./data/bootstrap" }),
      absolute: mounted({ priority: 6, directory: "/run/secrets" }),
      variable: mounted({ priority: 5, directory: fromEnv("MOUNT_DIR") }),
      fallback: mounted({ priority: 4, directory: fromEnv("OTHER_DIR", "mounts") }),
      dotenv: dotenv({ priority: 3, path: "config/.env" }),
      beside: dotenv({ priority: 2, path: ".env" }),
      off: file({ priority: 1, enabled: false, directory: "off" }),
      unused: file({ priority: 0, directory: "unused" }),
      env: env({ priority: -1 }),
    },
    credentials: {
      "db:basic": {
        fields: { user: required() },
        from: {
          there: "db.json",
          relative: "db.json",
          absolute: { prefix: "" },
          variable: { prefix: "" },
          fallback: { prefix: "" },
          dotenv: { prefix: "A_" },
          beside: { prefix: "B_" },
          off: "db.json",
          env: { prefix: "C_" },
        },
      },
      "db:other": { fields: { user: required() }, from: { relative: "other.json", env: { prefix: "C_" } } },
    },
  });
  const files = { "state/other.json": "{}" };
  const host = testHost({ files, env: { C_USER: "seed", MOUNT_DIR: "not-a-secret/mounts" } });
  const report = parse(checkSchema, await check(createResolver(chain, host)));
  const found = report.findings.filter(({ rule }) => rule === "missing_directory");
  const fix = "so give an absolute path or a file URL, or create the directory";
  assertEquals(found.map(({ path, message }) => `${path}: ${message}`), [
    `stores.relative: The directory /data/bootstrap does not exist: a relative path starts in the working directory, ${fix}`,
    "stores.absolute: The directory /run/secrets does not exist: create it, or correct the path",
    `stores.variable: The directory $MOUNT_DIR does not exist: a relative path starts in the working directory (/), ${fix}`,
    `stores.fallback: The directory /mounts does not exist: a relative path starts in the working directory, ${fix}`,
    `stores.dotenv: The directory /config does not exist: a relative path starts in the working directory, ${fix}`,
  ]);
  assertEquals([report.ok, JSON.stringify(report).includes("not-a-secret")], [false, false]);
  assertEquals(lint(createResolver(chain, host)).filter(({ rule }) => rule === "missing_directory"), []);
  assertEquals(
    (await check(createResolver(chain, host), ["db:basic"])).findings,
    [],
    "of the chain, not of a credential",
  );
  assertEquals((await check(createResolver(chain, { ...host, files: false }))).findings.length, 1);
});

Deno.test("check() prints the whole path of a directory that does not exist, and finds nothing once it does", async () => {
  const directory = makeDirectory();
  const chain = (path: string) =>
    defineChain({
      stores: { file: file({ priority: 2, directory: path }), env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields: { user: required() }, from: { file: "db.json", env: { prefix: "DB_" } } } },
    });
  const messages = async (path: string) =>
    (await check(createResolver(chain(path), { env: { DB_USER: "seed" } }))).findings.map(({ message }) => message);
  try {
    const [message] = await messages("nowhere/state");
    assertStringIncludes(message!, `The directory ${Deno.realPathSync(".")}/nowhere/state does not exist`);
    assertEquals((await messages(`${directory.path}/state`)).length, 1);
    assertEquals(await messages(directory.path), []);
  } finally {
    directory.remove();
  }
});

Deno.test("check() finds an identity that is set in part in a store, since another one's is used instead, unless the chain says so", async () => {
  const setUp = (environment: Record<string, string>, policy: { onIncomplete?: "next" } = {}) => {
    const chain = defineChain({
      stores: { env: env({ priority: 2, ...policy }), file: file({ priority: 1, directory: "state" }) },
      credentials: {
        "db:basic": {
          fields: { user: required(), password: required() },
          from: { env: { prefix: "DB_" }, file: "db.json" },
        },
      },
    });
    const files = { "state/db.json": JSON.stringify({ user: "writer", password: "not-a-secret" }) };
    return createResolver(chain, testHost({ env: environment, files }));
  };
  for (const keys of [undefined, ["db:basic"] as const]) {
    const report = parse(checkSchema, await check(setUp({ DB_USER: "admin", DB_PASSWORD: " " }), keys));
    assertEquals(report.findings, [{
      rule: "set_in_part",
      path: 'credentials["db:basic"].from.env',
      message:
        'Only part of the identity is set (missing: DB_PASSWORD), so that of "file" is used instead: set the rest, or remove what is there',
      key: "db:basic",
    }]);
    assertEquals([report.ok, report.credentials[0]?.degraded], [false, true]);
  }
  assertEquals((await check(setUp({}))).findings, []);
  assertEquals((await check(setUp({ DB_USER: "admin" }, { onIncomplete: "next" }))).findings, []);
});
