import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertLessOrEqual } from "@std/assert";
import {
  backoff,
  backoffUntil,
  expiresForRenewal,
  expiry,
  MAX_LIFETIME_MS,
  pause,
  pauseUntil,
  renewsAt,
  state,
  windows,
} from "../../../src/core/source/freshness.ts";
import { isRefusal } from "../../../src/core/chain/outcome.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);

Deno.test("windows() chooses the windows by the lifetime, on both sides of every boundary", () => {
  const cases: [lifetime: number, advisory: number, mandatory: number][] = [
    [1, 0.5, 0.25],
    [1 * SECOND, 500, 250],
    [3 * SECOND, 1.5 * SECOND, 750],
    [2 * MINUTE, 1 * MINUTE, 30 * SECOND],
    [4 * MINUTE, 2 * MINUTE, 1 * MINUTE],
    [5 * MINUTE, 2.5 * MINUTE, 1 * MINUTE],
    [10 * MINUTE - 1, 5 * MINUTE - 0.5, 1 * MINUTE],
    [10 * MINUTE, 5 * MINUTE, 1 * MINUTE],
    [20 * MINUTE, 5 * MINUTE, 1 * MINUTE],
    [20 * MINUTE + 1, 15 * MINUTE, 1 * MINUTE],
    [1 * HOUR, 15 * MINUTE, 1 * MINUTE],
    [90 * MINUTE - 1, 15 * MINUTE, 1 * MINUTE],
    [90 * MINUTE, 60 * MINUTE, 1 * MINUTE],
    [1 * DAY, 60 * MINUTE, 1 * MINUTE],
    [7 * DAY, 60 * MINUTE, 1 * MINUTE],
  ];
  for (const [lifetime, advisory, mandatory] of cases) {
    assertEquals(windows(lifetime), { advisory, mandatory }, `a lifetime of ${lifetime} ms`);
  }
});

Deno.test("windows() uses the store's advisory window, unless it is as long as the lifetime", () => {
  const cases: [lifetime: number, configured: number, advisory: number, mandatory: number][] = [
    [1 * HOUR, 10 * MINUTE, 10 * MINUTE, 1 * MINUTE],
    [1 * HOUR, 30 * SECOND, 30 * SECOND, 15 * SECOND],
    [1 * HOUR, 0, 0, 0],
    [5 * MINUTE, 4 * MINUTE, 4 * MINUTE, 1 * MINUTE],
    [5 * MINUTE, 5 * MINUTE - 1, 5 * MINUTE - 1, 1 * MINUTE],
    [5 * MINUTE, 5 * MINUTE, 2.5 * MINUTE, 1 * MINUTE],
    [3 * SECOND, 1 * HOUR, 1.5 * SECOND, 750],
  ];
  for (const [lifetime, configured, advisory, mandatory] of cases) {
    assertEquals(windows(lifetime, configured), { advisory, mandatory }, `${configured} ms of ${lifetime} ms`);
  }
});

Deno.test("state() changes at the millisecond at which each window begins", () => {
  for (const lifetime of [1 * SECOND, 5 * MINUTE, 15 * MINUTE, 1 * HOUR, 2 * HOUR, 1 * DAY]) {
    const held = { since: START, expiresAt: START + lifetime };
    const { advisory, mandatory } = windows(lifetime);
    const at = (before: number) => held.expiresAt - before;
    assertEquals(state(START, held), "fresh");
    assertEquals(state(at(advisory) - 1, held), "fresh");
    assertEquals(state(at(advisory), held), "advisory");
    assertEquals(state(at(mandatory) - 1, held), "advisory");
    assertEquals(state(at(mandatory), held), "mandatory");
    assertEquals(state(at(1), held), "mandatory");
    assertEquals(state(at(0), held), "expired");
    assertEquals(renewsAt(held), at(advisory));
  }
});

Deno.test("state() uses the store's advisory window, and is mandatory for an invalidated token", () => {
  const held = { since: START, expiresAt: START + HOUR, advisoryWindow: 10 * SECOND };
  assertEquals(state(held.expiresAt - 10_001, held), "fresh");
  assertEquals(state(held.expiresAt - 10_000, held), "advisory");
  assertEquals(state(held.expiresAt - 5_000, held), "mandatory");
  assertEquals(state(START, { ...held, invalidated: true }), "mandatory");
  assertEquals(state(held.expiresAt, { ...held, invalidated: true }), "expired");
});

Deno.test("state() is mandatory for a token from the future, after the clock went back, and expired after it went forward", () => {
  const held = { since: START, expiresAt: START + HOUR };
  assertEquals(state(START - 1, held), "mandatory");
  assertEquals(state(START - DAY, held), "mandatory");
  assertEquals(state(START + DAY, held), "expired");
  assertEquals(state(START, held), "fresh");
});

Deno.test("a token that ends before it began, since the clock went back, is due at its end, and a backoff is one of the time left", () => {
  const now = START - HOUR;
  const held = { since: START, expiresAt: now + 20 * MINUTE };
  assertEquals(state(now, held), "mandatory");
  assertEquals(renewsAt(held), held.expiresAt);
  assertEquals(backoffUntil({ now, random: 0 }, held), now + 5 * MINUTE);
  assertEquals(backoffUntil({ now, random: 0 }, { ...held, expiresAt: START }), now + 5 * MINUTE);
});

Deno.test("backoff() is a quarter to a half of the lifetime, and at most five to ten minutes", () => {
  for (const [lifetime, least] of [[4, 1], [SECOND, 250], [20 * MINUTE, 300_000], [DAY, 300_000]] as const) {
    assertEquals(backoff(lifetime, 0), least);
    for (let draw = 0; draw < 10_000; draw++) {
      const pause = backoff(lifetime, Math.random());
      assert(pause >= least && pause < 2 * least, `${pause} ms for ${lifetime} ms`);
    }
  }
});

Deno.test("backoffUntil() that is cut short ends up to 30 s before its bound, at a random time, over 10,000 draws", () => {
  const held = { since: START, expiresAt: START + HOUR };
  const mandatoryAt = held.expiresAt - MINUTE;
  for (let draw = 0; draw < 10_000; draw++) {
    const random = Math.floor(Math.random() * 1_024) / 1_024;
    const whole = backoffUntil({ now: held.expiresAt - 15 * MINUTE, random }, held);
    assertEquals(whole, held.expiresAt - 15 * MINUTE + backoff(HOUR, random));
    const early = backoffUntil({ now: mandatoryAt - 4 * MINUTE, random }, held);
    assertEquals(early, mandatoryAt - random * 30 * SECOND);
    const late = backoffUntil({ now: mandatoryAt - 20 * SECOND, random }, held);
    assertEquals(late, mandatoryAt - random * 5 * SECOND);
    const last = backoffUntil({ now: mandatoryAt, random }, held);
    assertEquals(last, held.expiresAt - random * 15 * SECOND);
  }
});

Deno.test("backoffUntil() lasts one to five seconds at least, so that a fleet does not ask at the instant of a bound", () => {
  const held = { since: START, expiresAt: START + HOUR };
  for (const bound of [held.expiresAt - MINUTE, held.expiresAt]) {
    for (let draw = 0; draw < 1_000; draw++) {
      const random = Math.floor(Math.random() * 1_024) / 1_024;
      assertEquals(backoffUntil({ now: bound - 1, random }, held), bound - 1 + pause(random));
      assertEquals(
        backoffUntil({ now: bound - 1, random, retryAfter: HOUR }, { ...held, expiresAt: bound }),
        bound - 1 + pause(random),
      );
    }
  }
  const brief = { since: START, expiresAt: START + 4 * SECOND };
  assertEquals(backoffUntil({ now: START + 3.9 * SECOND, random: 0 }, brief), brief.expiresAt);
});

Deno.test("pauseUntil() starts at one to five seconds where no valid token is held, and doubles up to fifteen", () => {
  for (let draw = 0; draw < 10_000; draw++) {
    // Exact in binary, so that adding it to a timestamp does not round.
    const random = Math.floor(Math.random() * 1_024) / 1_024;
    let before = 0;
    for (let pauses = 0; pauses < 12; pauses++) {
      const wait = pauseUntil({ now: START, random }, pauses) - START;
      if (pauses === 0) assertGreaterOrEqual(wait, 1 * SECOND);
      if (pauses === 0) assertLess(wait, 5 * SECOND);
      else assertEquals(wait, Math.min(2 * before, 15 * SECOND));
      before = wait;
    }
    assertEquals(before, 15 * SECOND);
  }
  assertEquals(pauseUntil({ now: START, random: 0 }, 2_000) - START, 15 * SECOND);
});

Deno.test("backoffUntil() respects a longer Retry-After up to ten minutes, past the mandatory window, and never past the expiry", () => {
  const held = { since: START, expiresAt: START + HOUR };
  const until = (now: number, retryAfter: number, random = 0) => backoffUntil({ now, random, retryAfter }, held);
  assertEquals(until(START + 45 * MINUTE, 10 * MINUTE), START + 55 * MINUTE);
  assertEquals(until(START + 45 * MINUTE, 1 * DAY), START + 55 * MINUTE);
  assertEquals(until(START + 45 * MINUTE, Infinity), START + 55 * MINUTE);
  assertEquals(until(START + 45 * MINUTE, 10 * MINUTE, 0.5), START + 55 * MINUTE + 30 * SECOND);
  assertEquals(until(START + 58 * MINUTE, 90 * SECOND), START + 59 * MINUTE + 30 * SECOND);
  assertEquals(until(START + 58 * MINUTE, 10 * MINUTE), held.expiresAt);
  assertEquals(until(START + 58 * MINUTE, 10 * MINUTE, 0.5), held.expiresAt - 15 * SECOND);
  for (const unusable of [0, -1, -Infinity, NaN]) {
    assertEquals(until(START + 45 * MINUTE, unusable), until(START + 45 * MINUTE, 0));
  }
});

Deno.test("pauseUntil() respects a longer Retry-After up to a minute, and up to a tenth longer", () => {
  const wait = (retryAfter: number, random = 0) => pauseUntil({ now: START, random, retryAfter }, 0) - START;
  assertEquals([wait(500), wait(30_000), wait(60_000), wait(DAY), wait(Infinity)], [
    1_000,
    30_000,
    60_000,
    60_000,
    60_000,
  ]);
  assertEquals([wait(30_000, 0.5), wait(NaN), wait(-1)], [31_500, 1_000, 1_000]);
});

Deno.test("pause() is one to five seconds, over 10,000 draws", () => {
  for (let draw = 0; draw < 10_000; draw++) {
    const wait = pause(Math.random());
    assertGreaterOrEqual(wait, 1 * SECOND);
    assertLess(wait, 5 * SECOND);
  }
});

Deno.test("expiry() counts from the start of the request, and accepts a string of digits", () => {
  const now = START + 2 * SECOND;
  const cases: [answer: { expiresIn?: unknown; expiresAt?: number }, lifetime: number, stated: boolean][] = [
    [{ expiresIn: 3600 }, HOUR, true],
    [{ expiresIn: "3600" }, HOUR, true],
    [{ expiresIn: 2.5 }, 2.5 * SECOND, true],
    [{}, 300 * SECOND, false],
    [{ expiresIn: null }, 300 * SECOND, false],
    [{ expiresIn: 86_400 }, MAX_LIFETIME_MS, true],
    [{ expiresIn: 7 * 86_400 }, MAX_LIFETIME_MS, false],
    [{ expiresAt: START + 30 * DAY }, MAX_LIFETIME_MS, false],
    [{ expiresAt: START + HOUR, expiresIn: 1 }, HOUR, true],
  ];
  for (const [answer, lifetime, stated] of cases) {
    assertEquals(expiry(START, now, answer), { expiresAt: START + lifetime, stated }, JSON.stringify(answer));
  }
  assertEquals(expiry(START, now, {}, MINUTE), { expiresAt: START + MINUTE, stated: false });
});

Deno.test("expiry() is unavailable where the answer took longer than its token lives, and invalid where it is not a time", () => {
  const now = START + 2 * SECOND;
  const outcomeOf = (answer: object) => {
    const expires = expiry(START, now, answer);
    return isRefusal(expires) ? expires.outcome : expires;
  };
  for (
    const answer of [{ expiresIn: 2 }, { expiresIn: 0 }, { expiresIn: "0" }, { expiresAt: now }, { expiresAt: START }]
  ) {
    assertEquals(outcomeOf(answer), "unavailable", JSON.stringify(answer));
  }
  const wrong = [-1, 1e999, NaN, "", "1e3", "-5", "an hour", true, [3600], {}, "9".repeat(400)];
  for (const expiresIn of wrong) assertEquals(outcomeOf({ expiresIn }), "invalid", JSON.stringify(expiresIn));
  for (const expiresAt of [NaN, Infinity, START - 1]) assertEquals(outcomeOf({ expiresAt }), "invalid");
});

Deno.test("windows() returns windows that never exceed the lifetime or each other, over 10,000 draws", () => {
  for (let draw = 0; draw < 10_000; draw++) {
    const lifetime = 1 + Math.floor(Math.random() * MAX_LIFETIME_MS);
    const { advisory, mandatory } = windows(
      lifetime,
      Math.random() < 0.5 ? undefined : Math.random() * MAX_LIFETIME_MS,
    );
    assertLess(advisory, lifetime);
    assertLessOrEqual(mandatory, advisory / 2);
    assertLessOrEqual(mandatory, MINUTE);
  }
});

Deno.test("a place moves the look time within the first half of the advisory window, and the mandatory window ahead", () => {
  for (const lifetime of [SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, DAY]) {
    const { advisory, mandatory } = windows(lifetime);
    const held = { since: START, expiresAt: START + lifetime };
    for (const place of [0, 0.1, 0.5, 0.9, 1 - Number.EPSILON]) {
      const look = renewsAt({ ...held, place });
      assertEquals(look, held.expiresAt - advisory * (1 - place / 2), `${lifetime} ms at ${place}`);
      const must = held.expiresAt - mandatory -
        place * Math.min(30 * SECOND, (held.expiresAt - mandatory - look) / 4);
      assertGreaterOrEqual(must, look);
      assertEquals(state(look - 1, { ...held, place }), "fresh");
      assertEquals(state(must + 0.01, { ...held, place }), "mandatory");
      if (must - look > 1) assertEquals(state(must - 0.01, { ...held, place }), "advisory");
    }
  }
});

Deno.test("a token is fresh until it is looked at again, and never within its mandatory window", () => {
  const held = { since: START, expiresAt: START + HOUR };
  const advisoryAt = START + 45 * MINUTE;
  assertEquals(renewsAt({ ...held, lookAt: advisoryAt - 1 }), advisoryAt);
  assertEquals(renewsAt({ ...held, lookAt: advisoryAt + SECOND }), advisoryAt + SECOND);
  assertEquals(state(advisoryAt, { ...held, lookAt: advisoryAt + SECOND }), "fresh");
  assertEquals(renewsAt({ ...held, lookAt: START + 2 * HOUR }), START + 59 * MINUTE);
  assertEquals(state(START + 59 * MINUTE, { ...held, lookAt: START + 2 * HOUR }), "mandatory");
  assertEquals(state(advisoryAt, { ...held, lookAt: START + HOUR, invalidated: true }), "mandatory");
  const endless = { since: START, expiresAt: Infinity, recheck: 5 * MINUTE };
  assertEquals(renewsAt({ ...endless, lookAt: START + 6 * MINUTE }), START + 6 * MINUTE);
  assertEquals(renewsAt({ ...endless, lookAt: START }), START + 5 * MINUTE);
});

Deno.test("a backoff ends before the mandatory window of its own machine", () => {
  const held = { since: START, expiresAt: START + HOUR, place: 0.8 };
  const { mandatory } = windows(HOUR);
  const must = held.expiresAt - mandatory - 24 * SECOND;
  for (const random of [0, 0.5, 0.99]) {
    assertLessOrEqual(backoffUntil({ now: START + 58 * MINUTE, random }, held), must);
  }
});

Deno.test("where a renewal fails, each machine of a fleet asks again at a place of its own, and not at the expiry of all", () => {
  const token = { since: START, expiresAt: START + HOUR };
  for (const place of [0, 0.25, 0.999]) {
    const mandatoryAt = token.expiresAt - MINUTE - place * 30 * SECOND;
    const expires = expiresForRenewal({ ...token, place });
    assertEquals(expires, token.expiresAt - place * (token.expiresAt - mandatoryAt));
    for (const random of [0, 0.5, 0.999]) {
      const until = (now: number, retryAfter?: number) =>
        backoffUntil({ now, random, retryAfter }, { ...token, place });
      assertEquals(until(mandatoryAt - MINUTE), mandatoryAt);
      assertEquals(until(mandatoryAt), expires);
      assertEquals(until(mandatoryAt - MINUTE, 600 * SECOND), expires);
    }
  }
});
