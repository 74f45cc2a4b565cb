import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { denied, invalid, unavailable } from "../../../mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { gate, minted } from "../../support/tokens/minted.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

Deno.test("until its advisory window, a token is the same object and costs one request", async () => {
  const { clock, server, resolver } = minted();
  const first = await resolver.resolve("a:token");
  await clock.advance(45 * MINUTE - 1);
  assertStrictEquals(await resolver.resolve("a:token"), first);
  assertStrictEquals(resolver.peek("a:token"), first);
  assertEquals(server.requests, 1);
  assertEquals(first.expiresAt, Date.UTC(2026, 0, 1) + HOUR);
});

Deno.test("two credentials with the same request share a token, and one with another request does not", async () => {
  const { server, resolver } = minted();
  const [a, b] = [await resolver.resolve("a:token"), await resolver.resolve("b:token")];
  assertEquals(a.get("token"), b.get("token"));
  assertEquals(server.requests, 1);
  assert((await resolver.resolve("c:token")).get("token") !== a.get("token"));
  assertEquals(server.requests, 2);
});

Deno.test("two credentials that request the same token concurrently cause one request", async () => {
  const { server, resolver } = minted();
  await Promise.all([resolver.resolve("a:token"), resolver.resolve("b:token")]);
  assertEquals(server.requests, 1);
});

Deno.test("in the advisory window one caller awaits the renewal, and the others get the held token at once", async () => {
  const { clock, server, resolver } = minted();
  const first = await resolver.resolve("a:token");
  await clock.advance(45 * MINUTE);
  const { opened, open } = gate();
  server.gate = opened;
  const starter = resolver.resolve("a:token");
  const others = await Promise.all(Array.from({ length: 100 }, () => resolver.resolve("a:token")));
  assert(others.every((other) => other === first));
  const sharer = await resolver.resolve("b:token");
  assertEquals(sharer.get("token"), first.get("token"));
  open();
  assertEquals((await starter).get("token"), "token-2");
  assertStrictEquals(await resolver.resolve("a:token"), await starter);
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-2");
  assertEquals(server.requests, 2);
});

for (const [state, age] of [["mandatory", 59 * MINUTE], ["expired", HOUR]] as const) {
  Deno.test(`a token that is ${state === "expired" ? state : `in its ${state} window`} is renewed once for a thousand callers, who all wait for it`, async () => {
    const { clock, server, resolver } = minted();
    await resolver.resolve("a:token");
    await clock.advance(age);
    const all = await Promise.all(Array.from({ length: 1_000 }, () => resolver.resolve("a:token")));
    assert(all.every((one) => one === all[0] && one.get("token") === "token-2"));
    assertEquals(server.requests, 2);
  });
}

Deno.test("during an outage in the advisory window the held token is served, not degraded, and not requested until the backoff ends", async () => {
  const { clock, server, resolver } = minted();
  const first = await resolver.resolve("a:token");
  await clock.advance(45 * MINUTE);
  server.refusal = unavailable("HTTP 503");
  assertStrictEquals(await resolver.resolve("a:token"), first);
  assertEquals([first.degraded, server.requests], [false, 2]);
  await clock.advance(5 * MINUTE - 1);
  assertStrictEquals(await resolver.resolve("a:token"), first);
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-1");
  assertEquals(server.requests, 2);
  await clock.advance(1);
  assertStrictEquals(await resolver.resolve("a:token"), first);
  assertEquals(server.requests, 3);
});

Deno.test("a backoff ends no later than the mandatory window begins", async () => {
  const { clock, server, resolver } = minted();
  await resolver.resolve("a:token");
  await clock.advance(58 * MINUTE);
  server.refusal = unavailable("HTTP 503");
  await resolver.resolve("a:token");
  await clock.advance(MINUTE - 1);
  await resolver.resolve("a:token");
  assertEquals(server.requests, 2);
  await clock.advance(1);
  await resolver.resolve("a:token");
  assertEquals(server.requests, 3);
  await clock.advance(MINUTE - 1);
  assertEquals((await resolver.resolve("a:token")).get("token"), "token-1");
  assertEquals(server.requests, 3);
});

Deno.test("Retry-After extends a backoff to the expiry, and no further than a minute after it", async () => {
  const { clock, server, resolver } = minted({ lifetime: 60 });
  await resolver.resolve("b:token");
  await clock.advance(30_000);
  server.refusal = unavailable("HTTP 429", { retryAfter: 120_000 });
  await resolver.resolve("b:token");
  for (let second = 0; second < 29; second++) {
    await clock.advance(1_000);
    const credential = await resolver.resolve("b:token");
    assertEquals([credential.get("token"), credential.degraded], ["token-1", false]);
  }
  assertEquals(server.requests, 2);
  await clock.advance(1_000);
  assertEquals((await resolver.resolve("b:token")).degraded, true);
  assertEquals(server.requests, 3);
  server.refusal = undefined;
  await clock.advance(59_999);
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-1");
  assertEquals(server.requests, 3);
  await clock.advance(1);
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-2");
});

Deno.test("an expired token that cannot be renewed is served degraded, before any default, and retried at growing intervals", async () => {
  const { clock, server, resolver } = minted();
  await resolver.resolve("b:token");
  await clock.advance(HOUR);
  server.refusal = unavailable("HTTP 503");
  const asked: number[] = [];
  const start = clock.now();
  for (let requests = server.requests; asked.length < 9; await clock.advance(500)) {
    const served = await resolver.resolve("b:token", { default: { token: "seed" } });
    assertEquals([served.source, served.degraded, served.get("token")], ["m2m", true, "token-1"]);
    if (server.requests > requests) asked.push(clock.now() - start);
    requests = server.requests;
  }
  const pauses = asked.slice(1).map((at, before) => at - asked[before]!);
  assertEquals(pauses, [1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
  assertEquals(resolver.peek("b:token"), undefined);
  server.refusal = undefined;
  await clock.advance(15_000);
  const renewed = await resolver.resolve("b:token");
  assertEquals([renewed.degraded, renewed.get("token")], [false, "token-2"]);
});

Deno.test("a lower store replaces an expired token until it is renewed", async () => {
  const { host, clock, server, resolver } = minted();
  await resolver.resolve("a:token");
  host.env.A_TOKEN = "static";
  await clock.advance(HOUR);
  server.refusal = unavailable("HTTP 503");
  const lower = await resolver.resolve("a:token");
  assertEquals([lower.source, lower.degraded], ["env", true]);
  assertEquals(lower.trace.map(({ store, outcome }) => [store, outcome]), [["m2m", "unavailable"], ["env", "hit"]]);
  server.refusal = undefined;
  await clock.advance(5_000);
  assertEquals((await resolver.resolve("a:token")).source, "m2m");
});

Deno.test('onExpired: "stop" serves neither an expired token nor a lower store', async () => {
  const { host, clock, server, resolver } = minted({ store: { onExpired: "stop" } });
  host.env.A_TOKEN = "static";
  await resolver.resolve("a:token");
  await clock.advance(HOUR);
  server.refusal = unavailable("HTTP 503");
  assertEquals((await rejection(resolver.resolve("a:token"))).code, "unavailable");
});

Deno.test("an invalid answer counts as an outage until the held token expires, and is an error after that", async () => {
  const { clock, server, resolver } = minted();
  const first = await resolver.resolve("b:token");
  await clock.advance(45 * MINUTE);
  server.refusal = invalid("HTTP 404");
  assertStrictEquals(await resolver.resolve("b:token"), first);
  await clock.advance(4 * MINUTE);
  assertStrictEquals(await resolver.resolve("b:token"), first);
  assertEquals(server.requests, 2);
  await clock.advance(11 * MINUTE);
  for (const pause of [1_000, 2_000, 4_000]) {
    const { requests } = server;
    assertEquals((await rejection(resolver.resolve("b:token"))).code, "invalid");
    await clock.advance(pause - 1);
    assertEquals((await rejection(resolver.resolve("b:token"))).code, "invalid");
    assertEquals(server.requests, requests + 1);
    await clock.advance(1);
  }
});

for (const lifetime of ["soon", -1, 0, 1e999, "", "1e3"]) {
  const outcome = lifetime === 0 ? "unavailable" : "invalid";
  Deno.test(`a token with an expires_in of ${JSON.stringify(lifetime)} is ${outcome}, and does not replace the held one`, async () => {
    const { clock, server, resolver } = minted();
    const first = await resolver.resolve("b:token");
    await clock.advance(45 * MINUTE);
    server.lifetime = lifetime;
    assertStrictEquals(await resolver.resolve("b:token"), first);
    const { server: other, resolver: fresh } = minted({ lifetime });
    assertEquals((await rejection(fresh.resolve("b:token"))).code, outcome);
    assertEquals(other.requests, 1);
  });
}

Deno.test("a token without a lifetime is held for five minutes, or for the store's defaultLifetime", async () => {
  for (const [store, lifetime] of [[{}, 5 * MINUTE], [{ defaultLifetime: MINUTE }, MINUTE]] as const) {
    const { clock, resolver } = minted({ lifetime: null, store });
    assertEquals((await resolver.resolve("b:token")).expiresAt, clock.now() + lifetime);
  }
});

Deno.test("a token's lifetime counts from the start of its request", async () => {
  const { clock, server, resolver } = minted({ lifetime: 60 });
  const { opened, open } = gate();
  server.gate = opened;
  const start = clock.now();
  const pending = resolver.resolve("b:token");
  await clock.advance(4_000);
  open();
  assertEquals((await pending).expiresAt, start + 60_000);
});

Deno.test("a denied renewal fails at once although a valid token is held, and is not repeated for a second", async () => {
  const { clock, server, resolver } = minted();
  await resolver.resolve("a:token");
  await clock.advance(45 * MINUTE);
  server.refusal = denied('"m2m:client" from "env" was refused');
  assertEquals((await rejection(resolver.resolve("a:token"))).code, "denied");
  await clock.advance(999);
  assertEquals((await rejection(resolver.resolve("a:token"))).code, "denied");
  assertEquals((await rejection(resolver.resolve("b:token"))).code, "denied");
  assertEquals([server.requests, resolver.peek("a:token")], [2, undefined]);
  server.refusal = undefined;
  await clock.advance(1);
  assertEquals((await resolver.resolve("a:token")).get("token"), "token-2");
});

Deno.test("a denied renewal does not discard the held token: it is served in a later outage", async () => {
  const { clock, server, resolver } = minted();
  await resolver.resolve("b:token");
  await clock.advance(45 * MINUTE);
  server.refusal = denied("refused");
  await rejection(resolver.resolve("b:token"));
  server.refusal = unavailable("HTTP 503");
  await clock.advance(1_000);
  const served = await resolver.resolve("b:token");
  assertEquals([served.get("token"), served.degraded], ["token-1", false]);
});

Deno.test("without a held token an outage is an error, the next two calls ask again at once, and then there are pauses", async () => {
  const { clock, server, resolver } = minted();
  server.refusal = unavailable("no connection");
  for (let call = 1; call <= 3; call++) {
    assertEquals((await rejection(resolver.resolve("b:token"))).code, "unavailable");
    assertEquals(server.requests, call);
  }
  for (const pause of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
    const { requests } = server;
    await clock.advance(pause - 1);
    assertEquals((await rejection(resolver.resolve("b:token"))).code, "unavailable");
    assertEquals(server.requests, requests);
    await clock.advance(1);
    assertEquals((await rejection(resolver.resolve("b:token"))).code, "unavailable");
    assertEquals(server.requests, requests + 1);
  }
  server.refusal = undefined;
  await clock.advance(15_000);
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-1");
});

Deno.test("without a held token a Retry-After is respected, up to a minute", async () => {
  const { clock, server, resolver } = minted();
  server.refusal = unavailable("HTTP 429", { retryAfter: 3_600_000 });
  for (let second = 0; second < 60; second++) {
    assertEquals((await rejection(resolver.resolve("b:token"))).code, "unavailable");
    await clock.advance(1_000);
  }
  assertEquals(server.requests, 1);
  server.refusal = undefined;
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-1");
});

Deno.test("without a held token, a lower store's degraded answer is used for a second before the token is requested again", async () => {
  const { clock, host, server, resolver } = minted();
  host.env.A_TOKEN = "static";
  server.refusal = unavailable("no connection");
  for (let call = 0; call < 100; call++) assertEquals((await resolver.resolve("a:token")).source, "env");
  assertEquals(server.requests, 1);
  await clock.advance(1_000);
  await resolver.resolve("a:token");
  assertEquals(server.requests, 2);
});

Deno.test("a caller's default is never used during an outage", async () => {
  const { server, resolver } = minted();
  server.refusal = unavailable("no connection");
  const error = await rejection(resolver.resolve("b:token", { default: { token: "seed" } }));
  assertEquals(error.code, "unavailable");
});

Deno.test("a clock that goes back ends a backoff and the pause after a denied renewal", async () => {
  for (const refusal of [unavailable("HTTP 503"), denied("refused")]) {
    const { clock, server, resolver } = minted();
    await resolver.resolve("b:token");
    await clock.advance(46 * MINUTE);
    server.refusal = refusal;
    await resolver.resolve("b:token").catch(() => {});
    server.refusal = undefined;
    clock.jump(clock.now() - 1);
    assertEquals((await resolver.resolve("b:token")).get("token"), "token-2");
  }
});

Deno.test("a clock that goes back to before a token was requested renews it", async () => {
  const { clock, resolver } = minted();
  const first = await resolver.resolve("b:token");
  clock.jump(clock.now() - 10 * HOUR);
  assertNotStrictEquals(await resolver.resolve("b:token"), first);
  clock.jump(clock.now() + 10 * HOUR);
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-3");
});

Deno.test("a request that failed because the machine was suspended is repeated once, and the lifetime counts from the second", async () => {
  const { clock, server, resolver } = minted();
  const [first, second] = [gate(), gate()];
  server.gate = first.opened;
  server.refusal = unavailable("no connection");
  const pending = resolver.resolve("b:token");
  await clock.advance(0);
  clock.jump(clock.now() + 2 * HOUR);
  const woken = clock.now();
  server.gate = second.opened;
  first.open();
  await clock.advance(0);
  server.refusal = undefined;
  second.open();
  const credential = await pending;
  assertEquals([server.requests, credential.expiresAt], [2, woken + HOUR]);
});
