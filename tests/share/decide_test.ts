import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { current, decide, type HeldToken, type Mine, pollPause } from "../../src/share/entry/decide.ts";
import type { Entry, EntryFailure, EntryToken, Lease } from "../../src/share/entry/entry.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 0, 1);

const mine: Mine = { owner: "a", silentFor: 0, lease: 2 * SECOND, bound: 7_500, random: 0.5 };
const token: EntryToken = {
  number: 7,
  values: { access_token: "fake" },
  lifetime: HOUR,
  end: NOW + HOUR,
  stated: true,
  refusals: 0,
};
const lease: Lease = { owner: "b", since: NOW - SECOND, beat: 1 };
const failure: EntryFailure = {
  outcome: "unavailable",
  detail: "HTTP 503",
  owner: "b",
  at: NOW - SECOND,
  until: NOW + SECOND,
  before: 0,
};

function held(more: Partial<HeldToken> = {}): HeldToken {
  return { number: 7, end: NOW + HOUR, good: true, refused: false, ...more };
}

function decided(entry: Entry, more: Partial<Mine> = {}, now = NOW): string {
  return decide(entry, { ...mine, ...more }, now).do;
}

function after(entry: Entry, more: Partial<Mine> = {}, now = NOW): number {
  const decision = decide(entry, { ...mine, ...more }, now);
  return "after" in decision ? decision.after : NaN;
}

Deno.test("a machine without a token takes the one that another obtained, also while a third renews it or failed to", () => {
  assertEquals(decide({ token }, mine, NOW), { do: "adopt", token });
  assertEquals(decided({ token, lease }), "adopt");
  assertEquals(decided({ token, failure }), "adopt");
});

Deno.test("where nothing is there, a machine obtains the token", () => {
  assertEquals(decided({}), "lead");
});

Deno.test("a token in its mandatory window or past its end is not taken, to the millisecond", () => {
  assertEquals(decided({ token }, {}, NOW + HOUR - MINUTE - 1), "adopt");
  assertEquals(decided({ token }, {}, NOW + HOUR - MINUTE), "lead");
  assertEquals(decided({ token }, {}, NOW + HOUR), "lead");
  assertEquals(decided({ token }, { advisoryWindow: 20 * SECOND }, NOW + HOUR - 10 * SECOND - 1), "adopt");
  assertEquals(decided({ token }, { advisoryWindow: 20 * SECOND }, NOW + HOUR - 10 * SECOND), "lead");
});

Deno.test("a token that does not expire is taken, and asked for again only by who holds it", () => {
  const endless = { ...token, lifetime: null, end: null };
  assertEquals(decided({ token: endless }, {}, NOW + 1_000 * HOUR), "adopt");
  assertEquals(decided({ token: endless }, { held: held({ number: 6, end: Infinity }) }), "adopt");
  assertEquals(decided({ token: endless }, { held: held({ end: Infinity }) }), "lead");
  assertEquals(decided({ token: endless }, { held: held({ number: undefined, end: Infinity }) }), "lead");
});

Deno.test("the token that was refused is not taken again, and one that came after it is", () => {
  const refused = held({ good: false, refused: true });
  assertEquals(decided({ token }, { held: refused }), "lead");
  assertEquals(decided({ token: { ...token, number: 8 } }, { held: refused }), "adopt");
});

Deno.test("an older token that somebody put back is not taken, even if it ends later", () => {
  const later = { ...token, end: NOW + 2 * HOUR };
  assertEquals(decided({ token: later }, { held: held({ number: 8 }) }), "lead");
  assertEquals(decided({ token: later }, { held: held({ number: 8, good: false, refused: true }) }), "lead");
});

Deno.test("a newer token is taken even if it ends at the same time, so that a server that keeps its token is asked once", () => {
  assertEquals(decided({ token: { ...token, number: 8 } }, { held: held() }), "adopt");
});

Deno.test("a token that was obtained without the engine gives way to one that ends later only", () => {
  const alone = held({ number: undefined });
  assertEquals(decided({ token }, { held: alone }), "lead");
  assertEquals(decided({ token: { ...token, end: NOW + HOUR + 1 } }, { held: alone }), "adopt");
});

Deno.test("while another machine renews it, a good token goes on being used for one to five seconds", () => {
  assertEquals(after({ token, lease }, { held: held(), random: 0 }), SECOND);
  assertEquals(decide({ token, lease }, { ...mine, held: held() }, NOW), { do: "keep", after: 3 * SECOND });
});

Deno.test("with a good token, nobody looks often while the server fails", () => {
  const outage = { token, lease, failure: { ...failure, before: 9 } };
  assertEquals(after(outage, { held: held(), random: 0 }), 15 * SECOND);
  assertLess(after(outage, { held: held(), random: 0.999 }), 25 * SECOND);
});

Deno.test("without a good token, a machine waits for the one that obtains it", () => {
  assertEquals(decided({ lease }), "poll");
  assertEquals(decided({ token, lease }, { held: held({ good: false }) }), "poll");
});

Deno.test("a lease is taken over once its owner shows no life for as long as it lasts", () => {
  assertEquals(decided({ lease }, { silentFor: 2 * SECOND - 1 }), "poll");
  assertEquals(decided({ lease }, { silentFor: 2 * SECOND }), "lead");
  assertEquals(decided({ token, lease }, { silentFor: 2 * SECOND, held: held() }), "lead");
  assertEquals(decided({ lease }, { silentFor: 2 * SECOND, lease: 10 * SECOND }), "poll");
});

Deno.test("a lease is taken over once a token should have been there, whatever its owner shows", () => {
  assertEquals(decided({ lease }, {}, lease.since + mine.bound - 1), "poll");
  assertEquals(decided({ lease }, {}, lease.since + mine.bound), "lead");
});

Deno.test("while a failure stands nobody asks again, and everybody gets it at once", () => {
  const decision = decide({ failure }, mine, NOW);
  assertEquals(decision, { do: "fail", failure, after: 3 * SECOND });
  assertEquals(decided({ failure, token }, { held: held() }), "fail");
  assertEquals(decided({ failure }, {}, failure.until), "lead");
});

Deno.test("while one machine tries again after a failure, the others return the failure and do not wait", () => {
  assertEquals(decided({ failure, lease }), "fail");
  assertEquals(decided({ failure, lease }, {}, failure.until + SECOND), "fail");
});

Deno.test("a fleet does not come back at one instant, and each machine no later than after its longest pause", () => {
  for (const [before, least, most] of [[0, 1, 5], [1, 2, 10], [2, 4, 14], [3, 8, 18], [4, 15, 25], [99, 15, 25]]) {
    const entry = { failure: { ...failure, before: before! } };
    assertEquals(after(entry, { random: 0 }), least! * SECOND);
    assertLess(after(entry, { random: 0.999 }), most! * SECOND);
    assertGreater(after(entry, { random: 0.999 }), (most! - 1) * SECOND);
  }
});

Deno.test("a Retry-After is heeded, and for at most a minute by who has nothing good", () => {
  const asked = { failure: { ...failure, at: NOW, until: NOW + 10 * MINUTE } };
  assertEquals(decided(asked, { held: held() }, NOW + 10 * MINUTE - 1), "fail");
  assertEquals(decided(asked, { held: held() }, NOW + 10 * MINUTE), "lead");
  assertEquals(decided(asked, { held: held({ good: false }) }, NOW + MINUTE - 1), "fail");
  assertEquals(decided(asked, { held: held({ good: false }) }, NOW + MINUTE), "lead");
  assertEquals(decided(asked, {}, NOW + MINUTE), "lead");
});

Deno.test("in a long pause a fleet looks now and then, so that it does not come back at its end", () => {
  const asked = { failure: { ...failure, at: NOW, until: NOW + MINUTE, before: 9 } };
  assertEquals([0, 0.5].map((random) => after(asked, { random })), [15 * SECOND, 20 * SECOND]);
  assertEquals(after(asked, { owner: "b" }), 70 * SECOND);
});

Deno.test("the machine that failed comes last, so that another one tries", () => {
  const own = after({ failure }, { owner: "b", random: 0 });
  assertGreater(own, after({ failure }, { random: 0.999 }));
});

Deno.test("a failure that nobody repeated for a minute is told to nobody any more", () => {
  const { until } = failure;
  const tried = { owner: "c", since: until + MINUTE, beat: 0 };
  assertEquals(decided({ failure, lease: tried }, {}, until + MINUTE - 1), "fail");
  assertEquals(decided({ failure, lease: tried }, {}, until + MINUTE), "poll");
  assertEquals(current(failure, until + MINUTE - 1), failure);
  assertEquals(current(failure, until + MINUTE), undefined);
  assertEquals(current(undefined, NOW), undefined);
});

Deno.test("after the engine's clock went back, a failure counts no more, so that it does not stand for hours", () => {
  assertEquals(decided({ failure }, {}, NOW - HOUR), "lead");
  assertEquals(decided({ failure }, {}, failure.at - 10), "fail");
});

Deno.test("one who waited takes what it waited for, however soon it expires, and nothing that was there before", () => {
  const late = NOW + HOUR - SECOND;
  assertEquals(decided({ token }, { awaitsAfter: 6 }, late), "adopt");
  assertEquals(decided({ token }, { awaitsAfter: 7 }, late), "lead");
  assertEquals(decided({ token }, { awaitsAfter: 6 }, NOW + HOUR), "lead");
});

Deno.test("after the engine's clock went back, a lease without a heartbeat is taken over all the same", () => {
  assertEquals(decided({ lease }, { silentFor: 2 * SECOND }, NOW - HOUR), "lead");
});

Deno.test("whoever waits looks again at growing intervals, of at most half a second, and not together with others", () => {
  assertEquals([0, 1, 2, 6, 99].map((polls) => pollPause(polls, 0)), [60, 90, 135, 500, 500]);
  assertEquals(pollPause(99, 0.8), 400);
});
