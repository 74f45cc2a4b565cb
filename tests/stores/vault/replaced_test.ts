import { assertEquals, assertMatch } from "@std/assert";
import { persist } from "../../../src/bootstrap/mod.ts";
import { testClock } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { vaultReason, vaultResolver } from "../../support/fixtures/vault_chain.ts";
import { loginAnswer, type StandInAnswers, startVaultStandIn, wrong } from "../../support/stand_ins/vault.ts";

const HELD = { held: "fake-held" };
const ROLE = { role_id: "fake-role", secret_id: "fake-secret" };
const DOCUMENT: StandInAnswers = {
  "GET secret/data/app": [200, {
    data: { data: { user: "app" }, metadata: { version: 1, created_time: "", deletion_time: "" } },
  }],
};
const mount = (version: string): StandInAnswers => ({
  "GET sys/internal/ui/mounts/secret": [200, { data: { type: "kv", path: "secret/", options: { version } } }],
});

Deno.test("a server without namespaces that takes the place of one that has them is not sent a token", async () => {
  await using vault = startVaultStandIn({ ...DOCUMENT, "GET sys/health": [200, { version: "2.3.0" }] });
  const clock = testClock();
  await using resolver = vaultResolver({ url: vault.url, values: HELD, all: { namespace: "team" } }, { clock });
  assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
  vault.answers = { "*": wrong(503) };
  await clock.advance(1_000);
  await resolver.resolve("app:basic").catch(() => {});
  vault.answers = { ...DOCUMENT, "GET sys/health": [200, { version: "1.20.0", enterprise: false }] };
  await clock.advance(20_000);
  assertMatch((await rejection(resolver.resolve("app:basic"))).message, /the server has no namespaces/);
});

Deno.test("a server without namespaces is noticed also where no outage was seen before", async () => {
  await using vault = startVaultStandIn({ ...DOCUMENT, "GET sys/health": [200, { version: "2.3.0" }] });
  const clock = testClock();
  await using resolver = vaultResolver({ url: vault.url, values: HELD, all: { namespace: "team" } }, { clock });
  assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
  vault.answers = { ...DOCUMENT, "GET sys/health": [200, { version: "1.20.0", enterprise: false }] };
  await clock.advance(300_000);
  assertMatch((await rejection(resolver.resolve("app:basic"))).message, /the server has no namespaces/);
});

Deno.test("a mount that becomes another version of KV makes no secret a miss", async () => {
  await using vault = startVaultStandIn(mount("2"));
  const clock = testClock();
  await using resolver = vaultResolver({ url: vault.url, values: HELD }, { clock });
  assertEquals((await rejection(resolver.resolve("app:basic"))).code, "not_found");
  vault.answers = mount("1");
  await clock.advance(60_000);
  assertMatch((await rejection(resolver.resolve("app:basic"))).message, /"secret" is version 1 of KV/);
});

Deno.test("what stands behind the path of a URL is left out, and nothing is sent to another path", async () => {
  for (const behind of ["?x=1", "#x", "/?x=1#y", "/base/?x"]) {
    await using vault = startVaultStandIn();
    const login = `POST ${behind.startsWith("/base") ? "/base/v1/" : ""}auth/approle/login`;
    vault.answers = { [login]: loginAnswer() };
    await vaultReason({ url: vault.url + behind, values: ROLE }, "vault:token");
    assertEquals(vault.sent[0]?.request, login);
  }
});

Deno.test("a version that ends by its deletion_time ends also where the server gives no time", async () => {
  const clock = testClock();
  const ends = new Date(clock.now() + 50).toISOString();
  const fetch: typeof globalThis.fetch = () =>
    Promise.resolve(
      Response.json({
        data: { data: { user: "app" }, metadata: { version: 1, created_time: "x", deletion_time: ends } },
      }),
    );
  await using resolver = vaultResolver({ url: "https://vault.example", values: HELD }, { clock, fetch });
  assertEquals((await resolver.resolve("app:basic")).expiresAt, clock.now() + 50);
});

Deno.test("a version that is no number is never used to check and set, which would then overwrite anything", async () => {
  for (const version of [undefined, 1.5]) {
    await using vault = startVaultStandIn({
      "GET secret/data/app": [200, { data: { data: { user: "app" }, metadata: { version } } }],
      "POST secret/data/app": wrong(400, "check-and-set parameter did not match the current version"),
    });
    await using resolver = vaultResolver({ url: vault.url, values: HELD });
    await persist(resolver, "app:basic", { user: "other" } as never).catch(() => {});
    const written = vault.sent.filter(({ request }) => request.startsWith("POST"));
    assertEquals([...new Set(written.map(({ body }) => JSON.parse(body).options.cas))], [0], String(version));
  }
});

Deno.test("a path that is no text is refused in words", async () => {
  const reason = await vaultReason({ url: "https://vault.example", values: HELD, path: "a/\ud800" }, "app:basic");
  assertMatch(reason, / is not the path of a secret$/);
});

Deno.test("a role that is blank or undefined in a mapping is that of its store, and never the one that the mount has", async () => {
  const cases = [["app", { role: undefined }, "app"], ["app", { role: " " }, "app"], [" ", true, undefined]] as const;
  for (const [role, request, sent] of cases) {
    await using vault = startVaultStandIn({ "POST auth/jwt/login": loginAnswer() });
    const parts = { values: { token: "fake-jwt" }, login: { method: "jwt", role }, request: request as never } as const;
    await vaultReason({ url: vault.url, ...parts }, "vault:token");
    assertEquals(JSON.parse(vault.sent[0]!.body).role, sent);
  }
});
