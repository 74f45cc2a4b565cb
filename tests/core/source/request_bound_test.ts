import { assert, assertEquals } from "@std/assert";
import { gate, minted } from "../../support/tokens/minted.ts";

/** How far a follower may wait for a flight before it takes it over, in milliseconds. */
const BOUND = 2_000;
const bound = { host: { requestBound: true } };

Deno.test("where promises belong to requests, a request that ended before its renewal costs the others two seconds", async () => {
  const { clock, server, resolver } = minted(bound);
  server.gate = gate().opened;
  void resolver.resolve("b:token").catch(() => {});
  await clock.advance(0);
  server.gate = undefined;
  const others = Promise.all(Array.from({ length: 5 }, () => resolver.resolve("b:token")));
  await clock.advance(BOUND - 1);
  assertEquals(server.requests, 1);
  await clock.advance(30);
  assert((await others).every((other) => other.get("token") === "token-1"));
  assertEquals(server.requests, 2);
});

Deno.test("where promises belong to requests, followers see within moments what another request got", async () => {
  const { clock, server, resolver } = minted(bound);
  const { opened, open } = gate();
  server.gate = opened;
  const all = Promise.all(Array.from({ length: 100 }, () => resolver.resolve("b:token")));
  await clock.advance(100);
  open();
  await clock.advance(25);
  assertEquals(new Set((await all).map((one) => one.get("token"))), new Set(["token-1"]));
  assertEquals(server.requests, 1);
});

Deno.test("where promises belong to requests, a renewal that died in the advisory window is begun again", async () => {
  const { clock, server, resolver } = minted(bound);
  const first = await resolver.resolve("b:token");
  await clock.advance(46 * 60_000);
  server.gate = gate().opened;
  void resolver.resolve("b:token").catch(() => {});
  await clock.advance(0);
  server.gate = undefined;
  assertEquals((await resolver.resolve("b:token")).get("token"), first.get("token"));
  await clock.advance(BOUND);
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-2");
});

Deno.test("where promises belong to requests, every flight is handed to waitUntil", async () => {
  const { resolver } = minted(bound);
  const handed: Promise<unknown>[] = [];
  await resolver.resolve("b:token", { waitUntil: (promise) => void handed.push(promise) });
  assert(handed.length > 0);
  await Promise.all(handed);
});

Deno.test("no timer outlives its call", async () => {
  for (const requestBound of [false, true]) {
    const { clock, resolver } = minted({ host: { requestBound } });
    await Promise.all([resolver.resolve("a:token"), resolver.resolve("c:token")]);
    assertEquals(clock.timers, 0);
  }
});
