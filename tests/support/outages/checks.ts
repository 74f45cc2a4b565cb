import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Bounds } from "./bounds.ts";
import { OUTAGE_MS, type OutageReport, type TokenOutage } from "./token_outage.ts";

/** What an error says of the server. */
const REASONS: Readonly<Record<TokenOutage["outage"], RegExp>> = {
  "down": /no connection|refused the connection|connection was refused/,
  "hung": /no answer within its timeout of 5000 ms/,
  "slow": /^$/,
  "429, Retry-After: 60": /HTTP 429/,
  "503, Retry-After: a date": /HTTP 503/,
  "500": /HTTP 500/,
  "HTML": /not a JSON object/,
};

/** Checks how often the server was asked, who waited, and when it was over. */
export function checkCosts({ outage, rate }: TokenOutage, report: OutageReport, bounds: Bounds): void {
  const { asked, requests, waited, over, calls } = report;
  const during = asked.filter((at) => at < OUTAGE_MS).length;
  if (outage !== "down") assertEquals(requests, asked.length);
  assert(during <= bounds.requests, `Expected at most ${bounds.requests} requests, found ${during} at ${asked}`);
  const mayWait = asked.length * bounds.waiting;
  assert(waited <= mayWait, `Expected at most ${mayWait} callers to wait, found ${waited}`);
  const longest = Math.max(...calls.map((call) => call.waited));
  assert(longest <= bounds.wait, `Expected nobody to wait longer than ${bounds.wait} ms, found ${longest}`);
  // Hint: at one call a second, the caller that starts a request is the only one that waits for all of it.
  const whole = calls.filter((call) => bounds.wait && call.waited >= bounds.wait).length;
  assert(rate > 1 || whole <= asked.length, `Expected ${asked.length} callers at most to wait in full, found ${whole}`);
  assert(over <= bounds.over, `Expected the end ${bounds.over} ms after the return, found ${over}: ${asked}`);
}

/** Checks what callers got, and that an error says what is wrong with whom. */
export function checkResults({ held, outage, below }: TokenOutage, { got, messages, calls }: OutageReport): void {
  const bad = outage === "HTML" ? "invalid" : below ? "env, degraded" : "unavailable";
  const expected = held === "valid" || outage === "slow"
    ? ["m2m"]
    : held === "expires after 60 s"
    ? ["m2m", bad]
    : [bad];
  assertEquals(Object.keys(got).sort(), expected.sort());
  if (held === "expires after 60 s") {
    const early = calls.filter(({ at }) => at < OUTAGE_MS / 2 - 5_000);
    assertEquals(new Set(early.map((call) => call.got)), new Set(["m2m"]));
  }
  for (const message of messages) {
    assertMatch(message, /^Cannot resolve "polaris:rest": "m2m" is (?:unavailable|invalid): /);
    assertMatch(message, REASONS[outage]);
  }
}
