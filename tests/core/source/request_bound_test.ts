import { assert, assertEquals } from "@std/assert";
import { gate, minted } from "../../support/tokens/minted.ts";

/** How long a follower waits for another request's flight before it takes the flight over, in milliseconds. */
const TAKE_OVER_MS = 2_000;
const REQUEST_BOUND = { host: { requestBound: true } };

Deno.test("where promises belong to requests, others take over after two seconds from a request that ended before its renewal", async () => {
  const { clock, server, resolver } = minted(REQUEST_BOUND);
  server.gate = gate().opened;
  void resolver.resolve("b:token").catch(() => {});
  await clock.advance(0);
  server.gate = undefined;
  const others = Promise.all(Array.from({ length: 5 }, () => resolver.resolve("b:token")));
  await clock.advance(TAKE_OVER_MS - 1);
  assertEquals(server.requests, 1);
  await clock.advance(30);
  assert((await others).every((other) => other.get("token") === "token-1"));
  assertEquals(server.requests, 2);
});

Deno.test("where promises belong to requests, followers get another request's token within 25 ms", async () => {
  const { clock, server, resolver } = minted(REQUEST_BOUND);
  const { opened, open } = gate();
  server.gate = opened;
  const all = Promise.all(Array.from({ length: 100 }, () => resolver.resolve("b:token")));
  await clock.advance(100);
  open();
  await clock.advance(25);
  assertEquals(new Set((await all).map((one) => one.get("token"))), new Set(["token-1"]));
  assertEquals(server.requests, 1);
});

Deno.test("where promises belong to requests, a renewal in the advisory window is repeated if its request ended", async () => {
  const { clock, server, resolver } = minted(REQUEST_BOUND);
  const first = await resolver.resolve("b:token");
  await clock.advance(46 * 60_000);
  server.gate = gate().opened;
  void resolver.resolve("b:token").catch(() => {});
  await clock.advance(0);
  server.gate = undefined;
  assertEquals((await resolver.resolve("b:token")).get("token"), first.get("token"));
  await clock.advance(TAKE_OVER_MS);
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-2");
});

Deno.test("where promises belong to requests, every flight is passed to waitUntil", async () => {
  const { resolver } = minted(REQUEST_BOUND);
  const handed: Promise<unknown>[] = [];
  await resolver.resolve("b:token", { waitUntil: (promise) => void handed.push(promise) });
  assert(handed.length > 0);
  await Promise.all(handed);
});

Deno.test("no timer is left after a call", async () => {
  for (const requestBound of [false, true]) {
    const { clock, resolver } = minted({ host: { requestBound } });
    await Promise.all([resolver.resolve("a:token"), resolver.resolve("c:token")]);
    assertEquals(clock.timers, 0);
  }
});
