import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertLessOrEqual } from "@std/assert";
import {
  backoff,
  backoffUntil,
  expiry,
  MAX_LIFETIME_MS,
  pause,
  renewsAt,
  state,
  windows,
} from "../../../src/core/source/freshness.ts";

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

Deno.test("backoff() is a quarter to a half of the lifetime, and at most five to ten minutes", () => {
  for (const [lifetime, least] of [[4, 1], [SECOND, 250], [20 * MINUTE, 300_000], [DAY, 300_000]] as const) {
    assertEquals(backoff(lifetime, 0), least);
    for (let draw = 0; draw < 10_000; draw++) {
      const pause = backoff(lifetime, Math.random());
      assert(pause >= least && pause < 2 * least, `${pause} ms for ${lifetime} ms`);
    }
  }
});

Deno.test("backoffUntil() ends no later than the advisory window, or the expiry after it, over 10,000 draws", () => {
  const held = { since: START, expiresAt: START + HOUR };
  const mandatoryAt = held.expiresAt - MINUTE;
  for (let draw = 0; draw < 10_000; draw++) {
    const random = Math.random();
    const early = backoffUntil({ now: held.expiresAt - 15 * MINUTE, random, failures: 0 }, held);
    assertEquals(early, held.expiresAt - 15 * MINUTE + backoff(HOUR, random));
    const late = backoffUntil({ now: mandatoryAt - 1, random, failures: 0 }, held);
    assertEquals(late, mandatoryAt);
    const last = backoffUntil({ now: mandatoryAt, random, failures: 0 }, held);
    assertEquals(last, held.expiresAt);
  }
});

Deno.test("backoffUntil() starts at one to five seconds once the token has expired, and doubles up to a minute", () => {
  const held = { since: START, expiresAt: START + HOUR };
  const now = held.expiresAt + HOUR;
  for (let draw = 0; draw < 10_000; draw++) {
    // Exact in binary, so that adding it to a timestamp does not round.
    const random = Math.floor(Math.random() * 1_024) / 1_024;
    let before = 0;
    for (let failures = 0; failures < 12; failures++) {
      const wait = backoffUntil({ now, random, failures }, held) - now;
      if (failures === 0) assertGreaterOrEqual(wait, 1 * SECOND);
      if (failures === 0) assertLess(wait, 5 * SECOND);
      else assertEquals(wait, Math.min(2 * before, MINUTE));
      before = wait;
    }
    assertEquals(before, MINUTE);
  }
  assertEquals(backoffUntil({ now, random: 0, failures: 2_000 }, held) - now, MINUTE);
});

Deno.test("backoffUntil() respects a longer Retry-After, up to ten minutes, also past the window and the expiry", () => {
  const held = { since: START, expiresAt: START + HOUR };
  const until = (now: number, retryAfter: number) => backoffUntil({ now, random: 0, failures: 0, retryAfter }, held);
  for (const now of [START + 45 * MINUTE, held.expiresAt - MINUTE, held.expiresAt - 1, held.expiresAt + 1]) {
    assertEquals(until(now, 10 * MINUTE), now + 10 * MINUTE);
    assertEquals(until(now, 1 * DAY), now + 10 * MINUTE);
    for (const unusable of [0, -1, -Infinity, NaN]) {
      assertEquals(until(now, unusable), backoffUntil({ now, random: 0, failures: 0 }, held));
    }
    assertEquals(until(now, Infinity), now + 10 * MINUTE);
  }
  assertEquals(until(held.expiresAt, 500), held.expiresAt + SECOND);
});

Deno.test("pause() is one to five seconds, over 10,000 draws", () => {
  for (let draw = 0; draw < 10_000; draw++) {
    const wait = pause(Math.random());
    assertGreaterOrEqual(wait, 1 * SECOND);
    assertLess(wait, 5 * SECOND);
  }
});

Deno.test("expiry() counts from the start of the request, and tells a token that is too old from an expiry that cannot be right", () => {
  const now = START + 2 * SECOND;
  type Outcome = "invalid" | "unavailable";
  const cases: [answer: { expiresIn?: unknown; expiresAt?: number }, lifetime: number | Outcome][] = [
    [{ expiresIn: 3600 }, HOUR],
    [{ expiresIn: "3600" }, HOUR],
    [{ expiresIn: 2.5 }, 2.5 * SECOND],
    [{}, 300 * SECOND],
    [{ expiresIn: null }, 300 * SECOND],
    [{ expiresIn: 7 * 86_400 }, MAX_LIFETIME_MS],
    [{ expiresAt: START + 30 * DAY }, MAX_LIFETIME_MS],
    [{ expiresAt: START + HOUR, expiresIn: 1 }, HOUR],
    [{ expiresIn: 2 }, "unavailable"],
    [{ expiresIn: 1.5 }, "unavailable"],
    [{ expiresIn: 0 }, "unavailable"],
    [{ expiresIn: "0" }, "unavailable"],
    [{ expiresIn: -1 }, "invalid"],
    [{ expiresIn: 1e999 }, "invalid"],
    [{ expiresIn: NaN }, "invalid"],
    [{ expiresIn: "" }, "invalid"],
    [{ expiresIn: "1e3" }, "invalid"],
    [{ expiresIn: "-5" }, "invalid"],
    [{ expiresIn: "an hour" }, "invalid"],
    [{ expiresIn: true }, "invalid"],
    [{ expiresIn: [3600] }, "invalid"],
    [{ expiresIn: {} }, "invalid"],
    [{ expiresIn: "9".repeat(400) }, "invalid"],
    [{ expiresAt: NaN }, "invalid"],
    [{ expiresAt: now }, "unavailable"],
    [{ expiresAt: START - 1 }, "invalid"],
  ];
  for (const [answer, lifetime] of cases) {
    const found = expiry(START, now, answer);
    const expected = typeof lifetime === "number" ? START + lifetime : lifetime;
    assertEquals(typeof found === "number" ? found : found.outcome, expected, JSON.stringify(answer));
  }
  assertEquals(expiry(START, now, {}, MINUTE), START + MINUTE);
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
