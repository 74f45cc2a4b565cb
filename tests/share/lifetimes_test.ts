import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { unavailable } from "../../mod.ts";
import { type Answer, DOWN, Fleet } from "../support/share/fleet.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

Deno.test("tokens of three seconds are shared, and nobody gets one that has expired", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  fleet.lifetime = 3 * SECOND;
  for (let step = 0; step < 60; step++) {
    const tokens = await fleet.tokens();
    const now = fleet.clock.now();
    for (const each of tokens) {
      const { at } = fleet.requests[Number(each.slice("token-".length)) - 1]!;
      assertLess(now, at + fleet.lifetime);
    }
    await fleet.pass(200);
  }
  assertLessOrEqual(fleet.requests.length, 13);
});

Deno.test("a token that took most of its lifetime to obtain is taken by those who waited for it", async () => {
  const fleet = new Fleet();
  fleet.add(5);
  fleet.lifetime = 4 * SECOND;
  fleet.delay = 3.4 * SECOND;
  assertEquals(new Set(await fleet.tokens()), new Set(["token-1"]));
  assertEquals(fleet.requests.length, 1);
});

Deno.test("a token that does not expire is asked for again by one machine after the store's recheck, and stays in use", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  fleet.answer = ({ number }) => ({ values: { access_token: `token-${number}` }, expires: "never" });
  await fleet.tokens();
  for (let minute = 0; minute < 60; minute++) {
    await fleet.pass(MINUTE);
    const tokens = await fleet.tokens();
    assert(tokens.every((each) => each.startsWith("token-")));
  }
  assertGreater(fleet.requests.length, 8);
  assertLessOrEqual(fleet.requests.length, 14);
  assertEquals(fleet.machines[3]!.resolver.peek("fleet:api")!.expiresAt, undefined);
});

Deno.test("a lifetime that the server did not give is known to be none on every machine", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2, { store: { onExpired: "next" } });
  fleet.answer = ({ number }) => ({ values: { access_token: `token-${number}` } });
  await fleet.tokens([owner!]);
  await fleet.tokens([other!]);
  fleet.answer = () => new Promise(() => {});
  fleet.register.fault = () => ({ refused: new Error("down") });
  await fleet.pass(6 * MINUTE);
  assertEquals(await fleet.tokens(), ["token-1", "token-1"]);
});

Deno.test("a store's own advisory window counts on every machine, whatever the others have", async () => {
  const fleet = new Fleet();
  fleet.add(1, { store: { advisoryWindow: 40 * MINUTE } });
  fleet.add(1, { store: { advisoryWindow: 2 * MINUTE } });
  const [early, late] = fleet.machines;
  await fleet.tokens();
  await fleet.pass(41 * MINUTE);
  assertEquals(await fleet.tokens([late!]), ["token-1"]);
  assertEquals(await fleet.tokens([early!]), ["token-2"]);
  await fleet.pass(17.5 * MINUTE);
  assertEquals(await fleet.tokens([late!]), ["token-2"]);
  assertEquals(fleet.requests.length, 2);
});

Deno.test("after the engine's clock went some seconds back or far forward, machines still share one token, within its lifetime", async () => {
  for (const ahead of [-4 * SECOND, 20 * MINUTE]) {
    const fleet = new Fleet();
    fleet.add(2);
    await fleet.tokens();
    fleet.register.ahead = ahead;
    const [fresh] = fleet.add(1);
    assertEquals(await fleet.tokens([fresh!]), ["token-1"]);
    const left = fresh!.resolver.peek("fleet:api")!.expiresAt! - fleet.clock.now();
    assertLessOrEqual(left, fleet.lifetime);
    await fleet.pass(59 * MINUTE);
    for (let round = 0; round < 5; round++) {
      await fleet.tokens();
      await fleet.pass(5 * SECOND);
    }
    assertEquals(new Set(await fleet.tokens()).size, 1);
    assertEquals(fleet.requests.length, 2);
  }
});

Deno.test("a machine believes no clock that goes far back until that lasts, so that it gets no token that has expired", async () => {
  const fleet = new Fleet();
  const [idle, busy] = fleet.add(2);
  await fleet.tokens([idle!]);
  await fleet.pass(50 * MINUTE);
  await fleet.tokens([busy!]);
  busy!.invalidate();
  await fleet.tokens([busy!]);
  await fleet.pass(70 * MINUTE);
  fleet.register.ahead = -65 * MINUTE;
  assertEquals(await fleet.tokens([idle!]), ["token-3"]);
  assertEquals(idle!.resolver.peek("fleet:api")!.trace[0]!.shared, "alone");
  assertEquals(idle!.resolver.describe().stores.find(({ name }) => name === "m2m")!.share!.state, "misunderstood");
  const told = idle!.events.filter(({ type }) => type === "share").map(({ detail }) => detail);
  assertEquals(told, ["the engine's clock went back: tokens are obtained alone"]);
});

Deno.test("a clock that went far back and goes on is the engine's new one: machines share again, and after that stay with it", async () => {
  const fleet = new Fleet();
  fleet.add(3);
  await fleet.tokens();
  fleet.register.ahead = -2 * 60 * MINUTE;
  for (const requests of [4, 5, 6]) {
    await fleet.pass(50 * MINUTE);
    for (let round = 0; round < 30; round++) {
      await fleet.tokens();
      await fleet.pass(20 * SECOND);
    }
    assertLessOrEqual(fleet.requests.length, requests);
  }
  assertEquals(new Set(await fleet.tokens()).size, 1);
});

Deno.test("a failure that somebody puts back again and again, with the engine's time, ends by each machine's own timer", async () => {
  const fleet = new Fleet();
  fleet.add(2);
  fleet.answer = () => DOWN;
  await fleet.tokens();
  const [[name, text]] = [...fleet.register.texts] as [[string, string]];
  const at = fleet.register.now;
  fleet.answer = ({ number }) => ({ values: { access_token: `token-${number}` }, expiresIn: 3_600 });
  const machines = [...fleet.machines, ...fleet.add(1)];
  for (let second = 0; second < 180; second++) {
    fleet.register.ahead = at - fleet.clock.now();
    fleet.register.texts.set(name, text);
    const tokens = await fleet.tokens(machines);
    if (second > 90) assert(tokens.every((each) => each.startsWith("token-")), `${second}: ${tokens}`);
    await fleet.pass(SECOND);
  }
});

Deno.test("an engine that lost all it had costs one more request, and the order of tokens stays", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  await fleet.tokens();
  fleet.register.texts.clear();
  await fleet.pass(56 * MINUTE);
  await fleet.tokens();
  await fleet.pass(10 * SECOND);
  assertEquals(new Set(await fleet.tokens()), new Set(["token-2"]));
  assertEquals(fleet.requests.length, 2);
});

/** What a server answers, and until how long after that the engine keeps it besides ten minutes more. */
const KEPT: readonly (readonly [what: string, answer: Answer, ms: number])[] = [
  ["a token is kept until its end", { values: { access_token: "token-1" }, expiresIn: 3_600 }, 60 * MINUTE],
  ["a token of a second is kept until its end", { values: { access_token: "token-1" }, expiresIn: 1 }, SECOND],
  ["a token that does not expire is kept for 30 days", {
    values: { access_token: "token-1" },
    expires: "never",
  }, 30 * DAY],
  ["a failure is kept until its pause is over", unavailable("HTTP 503"), SECOND],
  [
    "a failure with a longer pause is kept until that is over",
    unavailable("HTTP 503", { retryAfter: 8 * MINUTE }),
    8 * MINUTE,
  ],
];

for (const [what, answer, ms] of KEPT) {
  Deno.test(`in the engine, ${what}, and for ten minutes more`, async () => {
    const fleet = new Fleet();
    fleet.add(1);
    fleet.answer = () => answer;
    await fleet.tokens();
    const [name] = fleet.register.texts.keys();
    await fleet.pass(ms + 10 * MINUTE - SECOND);
    assert(fleet.register.find(name!) !== undefined);
    await fleet.pass(2 * SECOND);
    assertEquals(fleet.register.find(name!), undefined);
  });
}

Deno.test("an engine that lets texts lapse keeps each for as long as any machine can use it", async () => {
  const fleet = new Fleet();
  fleet.add(1);
  fleet.answer = ({ number }) => ({ values: { access_token: `token-${number}` }, expires: "never" });
  await fleet.tokens();
  await fleet.pass(29 * DAY);
  assertEquals(await fleet.tokens(fleet.add(1)), ["token-1"]);
  fleet.register.texts.clear();
  fleet.answer = () => unavailable("HTTP 503", { retryAfter: 8 * MINUTE });
  assertEquals(await fleet.tokens(fleet.add(1)), ["unavailable"]);
  for (let second = 0; second < 58; second++) {
    assertEquals(await fleet.tokens(fleet.add(1)), ["unavailable"]);
    await fleet.pass(SECOND);
  }
  assertEquals(fleet.requests.length, 2);
});

Deno.test("a lease is kept for as long as it holds, however long a token takes to obtain", async () => {
  const fleet = new Fleet();
  fleet.add(3, { store: { timeout: MINUTE } });
  fleet.delay = 50 * SECOND;
  assertEquals(new Set(await fleet.tokens()), new Set(["token-1"]));
  assertEquals(fleet.requests.length, 1);
});

Deno.test("a token is not received any more once its server has none for who renews it", async () => {
  const fleet = new Fleet();
  fleet.add(2);
  const [first] = fleet.machines;
  await fleet.tokens();
  fleet.answer = () => undefined;
  await fleet.pass(53 * MINUTE);
  for (let round = 0; round < 5; round++) {
    assertEquals(await fleet.tokens([first!]), ["not_found"]);
    await fleet.pass(6 * SECOND);
  }
});
