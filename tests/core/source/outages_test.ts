import { assert, assertEquals, assertMatch } from "@std/assert";
import { startFaultyEndpoint } from "../../support/servers/faulty_endpoint.ts";
import { type Bounds, boundsOf } from "../../support/outages/bounds.ts";
import {
  AGES,
  OUTAGE_MS,
  type OutageReport,
  OUTAGES,
  runTokenOutage,
  type TokenOutage,
} from "../../support/outages/token_outage.ts";

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

const HELD = Object.keys(AGES) as TokenOutage["held"][];
const NAMES = Object.keys(OUTAGES) as TokenOutage["outage"][];

/** Prints the figures of each outage as a row of a table, for a report. */
const PRINTS_TABLE = Deno.env.get("OUTAGES_TABLE") === "1";

for (const held of HELD) {
  for (const rate of [1, 100] as const) {
    Deno.test(`an outage costs few requests and waits, says what is wrong, and ends with the server's return: token held: ${held}, calls per second: ${rate}`, async (t) => {
      await using server = await startFaultyEndpoint();
      for (const outage of NAMES) {
        for (const below of [true, false]) {
          await t.step(`${outage}${below ? ", a lower store" : ""}`, async () => {
            const what: TokenOutage = { held, outage, below, rate };
            const [report, bounds] = [await runTokenOutage(server, what), boundsOf(what)];
            if (PRINTS_TABLE) print(what, report, bounds);
            checkCosts(what, report, bounds);
            checkResults(what, report);
          });
        }
      }
    });
  }
}

function checkCosts({ outage, rate }: TokenOutage, report: OutageReport, bounds: Bounds): void {
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

function checkResults({ held, outage, below }: TokenOutage, { got, messages, calls }: OutageReport): void {
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

function print({ held, outage, below, rate }: TokenOutage, report: OutageReport, bounds: Bounds): void {
  const { asked, calls, waited, got, over } = report;
  const during = asked.filter((at) => at < OUTAGE_MS).length;
  const count = calls.filter(({ at }) => at < OUTAGE_MS).length;
  const results = Object.entries(got).map(([name, times]) => `${times} ${name}`).join(", ");
  const row = [
    held,
    below ? "env" : "",
    outage,
    `${rate}/s`,
    `${during} (${bounds.requests})`,
    `${waited} of ${count}`,
  ];
  console.log(`| ${[...row, results, `${over / 1_000} s (${bounds.over / 1_000})`].join(" | ")} |`);
}
