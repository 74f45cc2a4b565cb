import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createResolver, defineChain, memory, optional, required } from "../../mod.ts";
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
  { path = "app", login = token, fields = { user: required(), note: optional() } } = {},
) {
  return createResolver(
    defineChain({
      stores: {
        kv: vaultKv({ priority: 3, url, login: "vault:token", recheck: 1_000, ...options }),
        memory: memory({ priority: 2, values: { token: login, user: "seed" } }),
      },
      credentials: {
        "vault:token": { fields: { token: required() }, from: { memory: { prefix: "" } } },
        "app:basic": { fields, from: { kv: path, memory: { prefix: "" } } },
      },
    }),
    { fetch },
  );
}

/** What a resolve gives: the source, the user and the version, or the code and the reason. */
async function outcome(resolver: ReturnType<typeof chainOf>): Promise<string> {
  try {
    const { get, source, trace } = await resolver.resolve("app:basic").then((credential) => ({
      get: credential.get("user"),
      source: credential.source,
      trace: credential.trace,
    }));
    return [source, get, trace[0]?.outcome, trace[0]?.version].join(" ");
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message.slice(message.indexOf('"kv" is ') + 8)}`;
  }
}

test("documents of both versions are read from a real OpenBao, and only what is not there is a miss", async (server) => {
  const { admin } = server;
  assertEquals(await outcome(chainOf(server)), "kv two hit 1");
  assertEquals(await outcome(chainOf(server, { mount: "old", version: 1 })), "kv one hit ");
  assertEquals(await outcome(chainOf(server, {}, { path: "none" })), "memory seed miss ");
  assertEquals(await outcome(chainOf(server, { mount: "old", version: 1 }, { path: "none" })), "memory seed miss ");
  await admin("DELETE", "secret/data/app");
  assertEquals(await outcome(chainOf(server)), "memory seed miss 1");
  await admin("POST", "secret/data/app", { data: { user: "three" } });
  assertEquals(await outcome(chainOf(server)), "kv three hit 2");
  await admin("POST", "secret/destroy/app", { versions: [2] });
  assertEquals(await outcome(chainOf(server)), "memory seed miss 2");
  await admin("POST", "secret/data/app", { data: {} });
  assertEquals(await outcome(chainOf(server)), "memory seed miss 3");
  await admin("POST", `secret/data/team/${encodeURIComponent("a b+ü%")}/app`, { data: { user: "odd" } });
  assertEquals(await outcome(chainOf(server, {}, { path: "team/a b+ü%/app" })), "kv odd hit 1");
});

test("each mistake in a chain is told apart from a secret that is missing", async (server) => {
  const cases: readonly (readonly [Partial<VaultKvOptions>, string, string])[] = [
    [{ mount: "sekret" }, "app", 'invalid: invalid: nothing is mounted at "sekret"'],
    [{ mount: "old" }, "app", 'invalid: invalid: "old" is version 1 of KV: set version: 1'],
    [{ version: 1 }, "app", 'invalid: invalid: "secret" is version 2 of KV: remove version'],
    [{ mount: "transit" }, "app", "invalid: invalid: transit/data/app "],
    [{ namespace: "nowhere" }, "app", 'invalid: invalid: the server has no namespace "nowhere"'],
    [{}, "../../sys/health", 'invalid: invalid: "../../sys/health" is not the path of a secret'],
    [{}, "app/", "ChainError"],
  ];
  for (const [options, path, expected] of cases) {
    const found = await Promise.resolve().then(() => outcome(chainOf(server, options, { path }))).catch((error) =>
      error.name
    );
    assertStringIncludes(found, expected);
  }
});

test("what a policy forbids is denied with the path, and a dead login is told from that", async (server) => {
  await server.setPolicy("app", { "secret/data/app": ["read"] });
  const { auth } = await server.admin("POST", "auth/token/create", { policies: ["app"] });
  const forbidden = await outcome(chainOf(server, {}, { path: "other", login: auth.client_token }));
  assertEquals(
    forbidden,
    'denied: denied: "vault:token" from "memory" lacks the capability "read" on secret/data/other, or nothing is mounted there',
  );
  await server.admin("POST", "auth/token/revoke", { token: auth.client_token });
  const dead = await outcome(chainOf(server, {}, { login: auth.client_token }));
  assertEquals(dead, 'denied: denied: "vault:token" from "memory" was refused (HTTP 403): its token is dead');
});

test("a namespace of a real OpenBao is used, and its secrets are not those of the root", async (server) => {
  await server.admin("POST", "sys/namespaces/team", {});
  const headers = { "x-vault-token": server.token, "x-vault-namespace": "team" };
  const body = JSON.stringify({ type: "kv", options: { version: "2" } });
  await (await fetch(`${server.url}/v1/sys/mounts/secret`, { method: "POST", headers, body })).body?.cancel();
  const data = JSON.stringify({ data: { user: "of the team" } });
  await (await fetch(`${server.url}/v1/secret/data/app`, { method: "POST", headers, body: data })).body?.cancel();
  assertEquals(await outcome(chainOf(server, { namespace: "team" })), "kv of the team hit 1");
  assertEquals(server.sent.filter((each) => each === "GET sys/health").length, 1);
});

test("a change of another writer is never overwritten", async (server) => {
  const one = chainOf(server);
  assertEquals((await one.resolve("app:basic")).get("user"), "two");
  await persist(one, "app:basic", { user: "mine" } as never);
  assertEquals(await outcome(chainOf(server)), "kv mine hit 2");
  let lost = 0;
  await Promise.all(Array.from({ length: 6 }, async (_, at) => {
    await persist(chainOf(server), "app:basic", { user: `writer ${at}` } as never).catch(() => lost++);
  }));
  const { data } = await server.admin("GET", "secret/data/app");
  assertEquals(data.metadata.version, 2 + 6 - lost);
  const readOnly = chainOf(server, { mount: "old", version: 1 });
  assertMatch((await rejection(persist(readOnly, "app:basic", { user: "mine" } as never))).message, /only be read/);
});

test("ensure() mints into an empty path, and a document that is there already is kept", async (server) => {
  const empty = chainOf(server, {}, { path: "minted" });
  const first = await ensure(empty, "app:basic", () => Promise.resolve({ user: "minted" }) as never);
  assertEquals(first.get("user"), "minted");
  const second = await ensure(chainOf(server, {}, { path: "minted" }), "app:basic", () => Promise.reject(new Error()));
  assertEquals(second.get("user"), "minted");
});

test("ensure() mints nothing, and claims nothing, where the policy would only let it claim the path", async (server) => {
  let minted = 0;
  const mint = () => Promise.resolve({ user: `minted ${++minted}` }) as never;
  const { auth } = await server.admin("POST", "auth/token/create", { policies: ["app"] });
  const ensured = () => ensure(chainOf(server, {}, { path: "minted", login: auth.client_token }), "app:basic", mint);
  for (const capabilities of [["read"], ["create", "read"], ["read", "update"]]) {
    await server.setPolicy("app", { "secret/data/minted": capabilities });
    const { code, message } = await rejection(ensured());
    assertEquals([code, minted], ["denied", 0]);
    assertStringIncludes(message, 'lacks the capability "create and update" on secret/data/minted');
  }
  await server.setPolicy("app", { "secret/data/minted": ["create", "read", "update"] });
  assertEquals([(await ensured()).get("user"), minted], ["minted 1", 1]);
});

test("a server that is sealed or gone is unavailable, and the next store answers, degraded", async (server) => {
  const sealed = chainOf(server);
  await server.admin("PUT", "sys/seal");
  const credential = await sealed.resolve("app:basic");
  assertEquals([credential.source, credential.degraded], ["memory", true]);
  assertEquals(credential.trace[0]?.detail, "the server is sealed");
  await server[Symbol.asyncDispose]();
  const gone = await chainOf(server).resolve("app:basic");
  assertEquals([gone.source, gone.degraded], ["memory", true]);
});
