import { assert, assertEquals } from "@std/assert";
import { createResolver, defineChain, defineStore, document, memory, optional, required } from "../../mod.ts";
import { ensure, persist } from "../../src/bootstrap/mod.ts";
import { type TestClock, testClock } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { keyValue, type KeyValueServer, startKeyValueServer } from "../support/stand_ins/key_value_server.ts";

const MINUTE = 60_000;

/** Creates a resolver of a credential in the server. */
function resolverOf({ url }: KeyValueServer, clock?: TestClock, age = false) {
  return createResolver(
    defineChain({
      stores: { kv: keyValue({ priority: 1, url, age }) },
      credentials: { "a:b": { fields: { key: required(), note: optional() }, from: { kv: "secret" } } },
    }),
    { ...(clock && { clock }) },
  );
}

/** Mints numbered keys, each of which takes some turns of the event loop. */
function createMinter() {
  const minter = {
    minted: 0,
    orphans: [] as unknown[],
    mint: async () => {
      const key = `key-${++minter.minted}`;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { key };
    },
    onOrphan: (values: unknown) => void minter.orphans.push(values),
  };
  return minter;
}

/** Advances a clock until something is done, and returns by how much. */
async function advanceUntil(clock: TestClock, isDone: () => boolean): Promise<number> {
  const since = clock.now();
  while (!isDone() && clock.now() - since < 10 * MINUTE) {
    await clock.advance(250);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert(isDone(), "not done within ten minutes");
  return clock.now() - since;
}

Deno.test("six resolvers that ensure() a credential in a server with versions mint it once", async () => {
  await using server = startKeyValueServer();
  const minter = createMinter();
  const asked = Array.from({ length: 6 }, () => ensure(resolverOf(server), "a:b", minter.mint, minter));
  const keys = (await Promise.all(asked)).map((credential) => credential.get("key"));
  assertEquals([keys, minter.minted, minter.orphans], [Array(6).fill("key-1"), 1, []]);
  assertEquals(server.writes.filter((write) => write.endsWith("204")), ["{} 204", '{"key":"key-1"} 204']);
});

Deno.test("ensure() claims what was deleted, of which the store has a version", async () => {
  await using server = startKeyValueServer();
  server.entries.set("secret", { text: "null", version: 7, at: 0 });
  const minter = createMinter();
  const asked = Array.from({ length: 6 }, () => ensure(resolverOf(server), "a:b", minter.mint, minter));
  const keys = (await Promise.all(asked)).map((credential) => credential.get("key"));
  assertEquals([keys, minter.minted], [Array(6).fill("key-1"), 1]);
});

Deno.test("a claim is a miss for every reader", async () => {
  await using server = startKeyValueServer();
  server.entries.set("secret", { text: "{}", version: 1, at: 0 });
  const error = await rejection(resolverOf(server).resolve("a:b"));
  assertEquals([error.code, error.trace], ["not_found", [{
    store: "kv",
    outcome: "miss",
    role: "passed",
    ms: error.trace[0]!.ms!,
    version: '"1"',
  }]]);
});

Deno.test("the claim of a process that was killed is taken over by one of the others after a minute, not earlier", async () => {
  await using server = startKeyValueServer();
  server.entries.set("secret", { text: "{}", version: 1, at: 0 });
  const [clock, minter] = [testClock(), createMinter()];
  let done = 0;
  const asked = Array.from(
    { length: 3 },
    () => ensure(resolverOf(server, clock), "a:b", minter.mint, minter).finally(() => done++),
  );
  const waited = await advanceUntil(clock, () => minter.minted > 0);
  assert(waited >= MINUTE && waited < MINUTE + 10_000, `taken over after ${waited} ms`);
  await advanceUntil(clock, () => done === 3);
  assertEquals((await Promise.all(asked)).map((credential) => credential.get("key")), Array(3).fill("key-1"));
  assertEquals([minter.minted, clock.timers], [1, 0]);
});

Deno.test("a claim whose age the store knows lapses a minute after it was made, whoever comes when", async () => {
  let now = 0;
  await using server = startKeyValueServer(() => now);
  server.entries.set("secret", { text: "{}", version: 1, at: 0 });
  now = 55_000;
  const [clock, minter] = [testClock(), createMinter()];
  let done = false;
  const ensuring = ensure(resolverOf(server, clock, true), "a:b", minter.mint).finally(() => done = true);
  const waited = await advanceUntil(clock, () => minter.minted > 0);
  assert(waited >= 5_000 && waited < 10_000, `taken over after ${waited} ms`);
  await advanceUntil(clock, () => done);
  assertEquals((await ensuring).get("key"), "key-1");
});

Deno.test("a process whose claim was taken over does not replace what was minted meanwhile", async () => {
  await using server = startKeyValueServer();
  const minter = createMinter();
  const credential = await ensure(resolverOf(server), "a:b", async () => {
    server.entries.set("secret", { text: "{}", version: 9, at: 0 });
    await persist(resolverOf(server), "a:b", { key: "theirs" });
    return await minter.mint();
  }, minter);
  assertEquals([credential.get("key"), minter.orphans], ["theirs", [{ key: "key-1" }]]);
});

Deno.test("a mint that fails leaves a claim that its own process uses again at once", async () => {
  await using server = startKeyValueServer();
  const resolver = resolverOf(server);
  const failed = await ensure(resolver, "a:b", () => Promise.reject(new Error("down"))).catch((error) => error);
  assertEquals([failed.message, server.entries.get("secret")?.text], ["down", "{}"]);
  assertEquals((await ensure(resolver, "a:b", () => ({ key: "minted" }))).get("key"), "minted");
});

Deno.test("a document of other credentials has no place for a claim, and one of those minted is committed", async () => {
  await using server = startKeyValueServer();
  server.entries.set("secret", { text: '{"other":{"key":"theirs"}}', version: 1, at: 0 });
  const { url } = server;
  const own = (name: string) => ({
    fields: { key: required() },
    from: { kv: { document: "secret", fields: { key: `/${name}/key` } } },
  });
  const chain = defineChain({
    stores: { kv: keyValue({ priority: 1, url }) },
    credentials: { "a:b": own("mine"), "a:other": own("other") },
  });
  const minter = createMinter();
  const asked = Array.from({ length: 3 }, () => ensure(createResolver(chain), "a:b", minter.mint, minter));
  const keys = new Set((await Promise.all(asked)).map((credential) => credential.get("key")));
  assertEquals([keys.size, minter.minted - minter.orphans.length], [1, 1]);
  assertEquals(JSON.parse(server.entries.get("secret")!.text), {
    other: { key: "theirs" },
    mine: { key: [...keys][0] },
  });
});

Deno.test("ensure() fails before it mints where a store of one's own cannot be written to", async () => {
  const own = defineStore({
    kind: "own",
    shape: document,
    open: () => () => undefined,
    write: () => () => {
      throw new Error("not-a-secret");
    },
  });
  const chain = defineChain({
    stores: { own: own({ priority: 1 }) },
    credentials: { "a:b": { fields: { key: required() }, from: { own: "secret" } } },
  });
  const { message } = await rejection(ensure(createResolver(chain), "a:b", () => Promise.reject(new Error("minted"))));
  assertEquals(message, `Cannot ensure "a:b": "own" is invalid: its write() threw: fix the store's code`);
});

Deno.test("persist() gives the version that was read to write(), and reads again where another change came first", async () => {
  await using server = startKeyValueServer();
  server.entries.set("secret", { text: '{"key":"old","kept":1}', version: 3, at: 0 });
  await Promise.all([1, 2, 3].map((at) => persist(resolverOf(server), "a:b", { key: `new-${at}` })));
  assertEquals(server.writes.filter((write) => write.endsWith("204")).length, 3);
  const { text, version } = server.entries.get("secret")!;
  assertEquals([JSON.parse(text).kept, version], [1, 6]);
});

Deno.test("a store without versions is written to as before, and memory() mints once for its resolver", async () => {
  const values = new Map<string, object>();
  const own = defineStore({
    kind: "own",
    shape: document,
    recheck: 0,
    open: () => (name) => values.get(name),
    write: () => ({ name, after }) => void values.set(name, after),
  });
  const chain = defineChain({
    stores: { own: own({ priority: 2 }), memory: memory({ priority: 1 }) },
    credentials: {
      "a:b": { fields: { key: required() }, from: { own: "secret" } },
      "a:c": { fields: { key: required() }, from: { memory: { prefix: "" } } },
    },
  });
  const resolver = createResolver(chain);
  const minter = createMinter();
  assertEquals((await ensure(resolver, "a:b", minter.mint)).get("key"), "key-1");
  values.set("secret", {});
  assertEquals((await ensure(createResolver(chain), "a:b", minter.mint)).get("key"), "key-2");
  assertEquals((await ensure(resolver, "a:c", minter.mint)).get("key"), "key-3");
});
