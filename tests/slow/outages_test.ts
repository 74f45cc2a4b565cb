import { assert, assertEquals } from "@std/assert";
import { createResolver, defineChain, required, token, unavailable } from "../../mod.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";
import { boundsOf } from "../support/outages/bounds.ts";
import { chance } from "../support/outages/chance.ts";
import { checkCosts, checkResults } from "../support/outages/checks.ts";
import { simulatedClock, turns } from "../support/outages/simulated_clock.ts";
import { HELD, OUTAGE_MS, OUTAGE_NAMES, runTokenOutage } from "../support/outages/token_outage.ts";
import { startFaultyEndpoint } from "../support/servers/faulty_endpoint.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

for (const [rate, seeds] of [[1, 20], [100, 3]] as const) {
  Deno.test(`an outage costs what the rules allow, whatever chance makes of the pauses, at calls per second: ${rate}`, async () => {
    await using server = await startFaultyEndpoint();
    for (let seed = 2; seed < 2 + seeds; seed++) {
      for (const held of HELD) {
        for (const outage of OUTAGE_NAMES) {
          for (const below of [true, false]) {
            const what = { held, outage, below, rate, seed };
            const report = await runTokenOutage(server, what);
            checkCosts(what, report, boundsOf(what));
            checkResults(what, report);
          }
        }
      }
    }
  });
}

Deno.test("where promises belong to requests, an outage costs no more than those who take a flight over", async () => {
  await using server = await startFaultyEndpoint();
  for (const rate of [1, 100] as const) {
    for (const held of HELD) {
      for (const outage of OUTAGE_NAMES) {
        for (const below of [true, false]) {
          const what = { held, outage, below, rate, requestBound: true };
          const [{ asked, over, calls }, bounds] = [await runTokenOutage(server, what), boundsOf(what)];
          const named = JSON.stringify(what);
          // Hint: a flight is taken over after 2 s, so twice within a timeout of 5 s.
          const most = bounds.requests * (bounds.wait > 0 ? 3 : 1);
          const during = asked.filter((at) => at < OUTAGE_MS).length;
          assert(during <= most, `${named}: Expected at most ${most} requests, found ${during}: ${asked}`);
          assert(over <= bounds.over, `${named}: Expected the end after ${bounds.over} ms, found ${over}`);
          const failed = calls.filter(({ got }) => !["m2m", "env, degraded"].includes(got)).length;
          const mayFail = outage !== "HTML" && (below || held === "valid" || outage === "slow")
            ? calls.length / 1_000
            : Infinity;
          assert(failed <= mayFail, `${named}: Expected at most ${mayFail} errors, found ${failed}`);
        }
      }
    }
  }
});

Deno.test("a fleet whose tokens expire at one moment does not ask in one instant while the server is down", async () => {
  const clock = simulatedClock(() => turns(1));
  const asked: number[] = [];
  let isDown = false;
  const fleet = Array.from({ length: 200 }, (_, machine) => {
    const server = scriptedStore({
      shape: token,
      answer: () => {
        asked.push(clock.now());
        return isDown ? unavailable("HTTP 503") : { values: { token: "fake" }, expiresIn: 3_600 };
      },
    });
    const chain = defineChain({
      stores: { m2m: server.store({ priority: 1, onExpired: "next" }) },
      credentials: { "a:token": { fields: { token: required() }, from: { m2m: true } } },
    });
    return createResolver(chain, testHost({ clock, random: chance(machine) }));
  });
  for (const machine of fleet) await machine.resolve("a:token");
  await clock.advance(45 * MINUTE);
  isDown = true;
  await Promise.all(fleet.map((machine) => machine.resolve("a:token")));
  asked.length = 0;
  const instants = new Map<number, number>();
  for (let at = 0; at < 17 * MINUTE; at += 100) {
    for (const machine of fleet) machine.resolve("a:token").catch(() => {});
    await clock.advance(100);
    instants.set(at, asked.splice(0).length);
  }
  const busiest = [...instants].filter(([, requests]) => requests > fleet.length / 4);
  assertEquals(busiest, [], "Expected at most a quarter of the machines to ask within 100 ms");
});
