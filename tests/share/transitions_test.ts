import { assertEquals } from "@std/assert";
import { unavailable } from "../../mod.ts";
import { beat, fail, type Minted, release, renew, takeLease } from "../../src/share/entry/transitions.ts";
import type { Entry } from "../../src/share/entry/entry.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 0, 1);

const minted: Minted = { since: NOW, values: { access_token: "fake" }, lifetime: HOUR, stated: true };
const { token } = renew({}, undefined, { ...minted, since: NOW - HOUR }) as Required<Entry>;
const refusal = unavailable("HTTP 503");

Deno.test("a machine that obtains a token leaves what the others have as it is", () => {
  const failed = fail({ token }, refusal, "a", NOW);
  assertEquals(takeLease(failed, "run", NOW), { ...failed, lease: { owner: "run", since: NOW, beat: 0 } });
  assertEquals(beat(takeLease({ token }, "run", NOW)), { token, lease: { owner: "run", since: NOW, beat: 1 } });
  assertEquals(release(takeLease({ token }, "run", NOW)), { token });
});

Deno.test("a token ends the lease and the row of failures", () => {
  const entry = renew(takeLease(fail({ token }, refusal, "a", NOW), "run", NOW), undefined, minted);
  assertEquals(entry, { token: { ...token, number: NOW, end: NOW + HOUR } });
});

Deno.test("a token's number is higher than every earlier one, also if the entry was lost or the clock went back", () => {
  const number = (entry: Entry, held?: number) => {
    const mine = held === undefined ? undefined : { number: held, end: NOW, good: false, refused: false };
    return renew(entry, mine, minted).token!.number;
  };
  assertEquals(number({}), NOW);
  assertEquals(number({ token: { ...token, number: NOW + 5 } }), NOW + 6);
  assertEquals(number({}, NOW + 8), NOW + 9);
});

Deno.test("a token that does not expire has no end", () => {
  assertEquals(renew({}, undefined, { ...minted, lifetime: null }).token!.end, null);
});

Deno.test("tokens that were obtained because the one before was refused are counted, until one was due", () => {
  const refused = { number: token.number, end: NOW + HOUR, good: false, refused: true };
  const first = renew({ token }, refused, minted);
  assertEquals(first.token!.refusals, 1);
  assertEquals(renew(first, refused, minted).token!.refusals, 2);
  assertEquals(renew({}, { ...refused, refusals: 4 }, minted).token!.refusals, 5);
  assertEquals(renew(first, { ...refused, refused: false }, minted).token!.refusals, 0);
});

Deno.test("the pause of a failure doubles to 15 seconds with every failure before it, whichever machine failed", () => {
  let entry: Entry = { token };
  for (const [at, pause] of [1, 2, 4, 8, 15, 15].entries()) {
    const now = NOW + at * MINUTE;
    entry = fail(takeLease(entry, "run", now), refusal, `machine ${at}`, now);
    const failure = {
      outcome: "unavailable" as const,
      detail: "HTTP 503",
      owner: `machine ${at}`,
      at: now,
      until: now + pause! * SECOND,
      before: at,
    };
    assertEquals(entry, { token, failure });
  }
});

Deno.test("a failure long after the last one begins a new row", () => {
  const old = fail({}, refusal, "a", NOW);
  assertEquals(fail(old, refusal, "b", NOW + 2 * MINUTE).failure?.before, 0);
});

Deno.test("a Retry-After counts for at most ten minutes, and one that is no number for nothing", () => {
  const until = (retryAfter: number) => fail({}, { ...refusal, retryAfter }, "a", NOW).failure!.until - NOW;
  assertEquals(until(MINUTE), MINUTE);
  assertEquals(until(HOUR), 10 * MINUTE);
  assertEquals(until(NaN), SECOND);
  assertEquals(until(1), SECOND);
});
