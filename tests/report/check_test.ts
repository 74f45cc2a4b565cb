import { assertEquals } from "@std/assert";
import { parse } from "valibot";
import { createResolver, defineChain, denied, env, flag, required, token, variables } from "../../mod.ts";
import { check, checkSchema } from "../../src/report/mod.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";
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
