import { assert, assertEquals, assertMatch } from "@std/assert";
import { startFaultyEndpoint } from "../../support/servers/faulty_endpoint.ts";
import { type Bounds, boundsOf } from "../../support/outages/bounds.ts";
import { checkCosts, checkResults } from "../../support/outages/checks.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import {
  HELD,
  OUTAGE_MS,
  OUTAGE_NAMES,
  type OutageReport,
  runTokenOutage,
  startClient,
  type TokenOutage,
} from "../../support/outages/token_outage.ts";

/** Prints the figures of each outage as a row of a table, for a report. */
const PRINTS_TABLE = Deno.env.get("OUTAGES_TABLE") === "1";

for (const held of HELD) {
  for (const rate of [1, 100] as const) {
    Deno.test(`an outage costs few requests and waits, says what is wrong, and ends with the server's return: token held: ${held}, calls per second: ${rate}`, async (t) => {
      await using server = await startFaultyEndpoint();
      for (const outage of OUTAGE_NAMES) {
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

Deno.test("a program that asks once a second waits for a hung server at growing intervals only, with and without a lower store", async () => {
  await using server = await startFaultyEndpoint();
  for (const below of [true, false]) {
    const { resolver, host, network } = startClient(server);
    const { clock } = network;
    server.set("silent");
    if (below) host.env.REST_TOKEN = "fake";
    const waits: number[] = [];
    for (let call = 0; call < 300; call++) {
      const began = clock.now();
      let isOver = false;
      const ended = resolver.resolve("polaris:rest").then(({ source }) => source, ({ code }) => code);
      ended.then(() => isOver = true);
      for (await clock.advance(0); !isOver; await clock.advance(10));
      assertEquals(await ended, below ? "env" : "unavailable");
      waits.push(clock.now() - began);
      await clock.advance(1_000);
    }
    const waited = waits.filter((wait) => wait > 100);
    assert(Math.max(...waits) <= 5_000, `Expected nobody to wait longer than 5000 ms, found ${waits}`);
    // Hint: after pauses of 1, 2, 4 and 8 seconds at least, each is of 15 seconds.
    assert(waited.length <= 5 + 300 / 15, `Expected at most 25 calls to wait, found ${waited.length}`);
    server.set("none");
    await clock.advance(10_000);
  }
});

Deno.test("a throttling server that asks for a minute is asked a handful of times in five, and is used when it is over", async () => {
  await using server = await startFaultyEndpoint();
  const { resolver, network } = startClient(server);
  const { clock, asked } = network;
  server.set("status_429", { retryAfter: "60" });
  for (let call = 0; call < 300; call++) {
    const ended = rejection(resolver.resolve("polaris:rest"));
    await clock.advance(1_000);
    assertMatch((await ended).message, /"m2m" is unavailable: .*HTTP 429/);
  }
  assert(asked.length <= 5, `Expected at most 5 requests, found ${asked.length}`);
  const pauses = asked.slice(1).map((at, before) => at - asked[before]!);
  assert(pauses.every((pause) => pause >= 60_000 && pause <= 67_000), `Expected 60 to 66 seconds, found ${pauses}`);
  server.set("none");
  for (let second = 0; second <= 66 && !resolver.peek("polaris:rest"); second++) {
    const ended = Promise.allSettled([resolver.resolve("polaris:rest")]);
    await clock.advance(1_000);
    await ended;
  }
  assertEquals(resolver.peek("polaris:rest")?.source, "m2m");
});

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
