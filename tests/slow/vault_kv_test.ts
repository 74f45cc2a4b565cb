import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { createResolver, defineChain, type DocumentMapping, memory, optional, required } from "../../mod.ts";
import { ensure, persist } from "../../src/bootstrap/mod.ts";
import { vaultKv, type VaultKvOptions } from "../../src/stores/vault/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startVault, type VaultAdmin } from "../support/servers/vault_admin.ts";

/** Registers a test with a real OpenBao, which has KV version 2 at `secret` and version 1 at `old`. */
function test(name: string, run: (server: VaultAdmin, t: Deno.TestContext) => Promise<void>): void {
  serverTest(name, ["openbao"], async (t) => {
    await using server = await startVault();
    await server.admin("POST", "sys/mounts/old", { type: "kv", options: { version: "1" } });
    await server.admin("POST", "sys/mounts/transit", { type: "transit" });
    await server.admin("POST", "secret/data/app", { data: { user: "two" } });
    await server.admin("POST", "old/app", { user: "one" });
    await run(server, t);
  });
}

/** Creates the chain app ← token; the seed below it must win only where the engine has nothing. */
function chainOf(
  { url, fetch, token }: VaultAdmin,
  options: Partial<VaultKvOptions> = {},
  { path = "app" as string | DocumentMapping, login = token } = {},
) {
  return createResolver(
    defineChain({
      stores: {
        kv: vaultKv({ priority: 3, url, login: "vault:token", recheck: 1_000, ...options }),
        memory: memory({ priority: 2, values: { token: login, user: "seed" } }),
      },
      credentials: {
        "vault:token": { fields: { token: required() }, from: { memory: { prefix: "" } } },
        "app:basic": { fields: { user: required(), note: optional() }, from: { kv: path, memory: { prefix: "" } } },
      },
    }),
    { fetch },
  );
}

/** What a chain gives: the source, the user, and the outcome and the version of the engine. */
async function outcome(...chain: Parameters<typeof chainOf>): Promise<string> {
  await using resolver = chainOf(...chain);
  const credential = await resolver.resolve("app:basic");
  const [engine] = credential.trace;
  return [credential.source, credential.get("user"), engine?.outcome, engine?.version].join(" ");
}

test("documents of both versions are read from a real OpenBao, and only what is not there is a miss", async (server) => {
  const { admin } = server;
  assertEquals(await outcome(server), "kv two hit 1");
  assertEquals(await outcome(server, { mount: "old", version: 1 }), "kv one hit ");
  assertEquals(await outcome(server, {}, { path: "none" }), "memory seed miss ");
  assertEquals(await outcome(server, { mount: "old", version: 1 }, { path: "none" }), "memory seed miss ");
  await admin("DELETE", "secret/data/app");
  assertEquals(await outcome(server), "memory seed miss 1");
  await admin("POST", "secret/data/app", { data: { user: "three" } });
  assertEquals(await outcome(server), "kv three hit 2");
  await admin("POST", "secret/destroy/app", { versions: [2] });
  assertEquals(await outcome(server), "memory seed miss 2");
  await admin("POST", "secret/data/app", { data: {} });
  assertEquals(await outcome(server), "memory seed miss 3");
  await admin("POST", `secret/data/team/${encodeURIComponent("a b+ü%")}/app`, { data: { user: "odd" } });
  assertEquals(await outcome(server, {}, { path: "team/a b+ü%/app" }), "kv odd hit 1");
});

test("six writers that change a document of a real OpenBao at once lose no change of each other", async (server) => {
  const written = await Promise.all(Array.from({ length: 6 }, async (_, at) => {
    const path = { document: "app", fields: { user: `/writer ${at}` } };
    await using resolver = chainOf(server, {}, { path });
    return await persist(resolver, "app:basic", { user: `${at}` }).then(() => [[`writer ${at}`, `${at}`]], () => []);
  }));
  assertNotEquals(written.flat(), []);
  const { data } = await server.admin("GET", "secret/data/app");
  assertEquals(data.data, { user: "two", ...Object.fromEntries(written.flat()) });
});

test("a change is written as another version, and version 1 of KV can only be read", async (server) => {
  await using resolver = chainOf(server);
  assertEquals((await resolver.resolve("app:basic")).get("user"), "two");
  await persist(resolver, "app:basic", { user: "mine" });
  assertEquals(await outcome(server), "kv mine hit 2");
  await using readOnly = chainOf(server, { mount: "old", version: 1 });
  assertMatch((await rejection(persist(readOnly, "app:basic", { user: "mine" }))).message, /only be read/);
});

test("ensure() mints into an empty path, and a document that is there already is kept", async (server) => {
  await using empty = chainOf(server, {}, { path: "minted" });
  const first = await ensure(empty, "app:basic", () => Promise.resolve({ user: "minted" }));
  assertEquals(first.get("user"), "minted");
  await using full = chainOf(server, {}, { path: "minted" });
  const second = await ensure(full, "app:basic", () => Promise.reject(new Error()));
  assertEquals(second.get("user"), "minted");
});

test("ensure() mints nothing, and claims nothing, where the policy would only let it claim the path", async (server) => {
  let minted = 0;
  const mint = () => Promise.resolve({ user: `minted ${++minted}` });
  const { auth } = await server.admin("POST", "auth/token/create", { policies: ["app"] });
  const ensured = async () => {
    await using resolver = chainOf(server, {}, { path: "minted", login: auth.client_token });
    return await ensure(resolver, "app:basic", mint);
  };
  for (const capabilities of [["read"], ["create", "read"], ["read", "update"]]) {
    await server.setPolicy("app", { "secret/data/minted": capabilities });
    const { code, message } = await rejection(ensured());
    assertEquals([code, minted], ["denied", 0]);
    assertStringIncludes(message, 'lacks the capability "create and update" on secret/data/minted');
  }
  await server.setPolicy("app", { "secret/data/minted": ["create", "read", "update"] });
  assertEquals([(await ensured()).get("user"), minted], ["minted 1", 1]);
});

test("a server that is gone is unavailable, and the next store answers, degraded", async (server) => {
  await server[Symbol.asyncDispose]();
  await using resolver = chainOf(server);
  const credential = await resolver.resolve("app:basic");
  assertEquals([credential.source, credential.degraded], ["memory", true]);
});
