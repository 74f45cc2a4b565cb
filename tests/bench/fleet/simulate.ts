import { renew } from "../../../src/share/entry/transitions.ts";
import { RegisterEngine } from "./engine.ts";
import { Isolate } from "./isolate.ts";
import { createToken, LIFETIME_MS, obtainAlone, obtainShared } from "./obtain.ts";
import { Random } from "./random.ts";
import type { Scene } from "./scenes.ts";
import { Timeline } from "./timeline.ts";
import { TokenServer } from "./token_server.ts";
import { Callers, type World } from "./world.ts";

/** The least and the greatest rate of calls of an isolate, in calls a second; each draws its own, evenly by its logarithm. */
const RATES = [0.1, 10] as const;
/** In how much time a fleet without `share` got the tokens that it holds at the beginning. */
const ROLL_OUT_MS = 60_000;

/** What a fleet did in a scene. */
export interface Figures {
  /** The requests at the token server, in all and in the busiest second. */
  readonly requests: number;
  readonly requestsPeak: number;
  /** What the engine was asked, in all and in the busiest second. */
  readonly reads: number;
  readonly readsPeak: number;
  readonly swaps: number;
  readonly swapsPeak: number;
  /** How many reads an isolate did in 15 s of the server's outage, on average. */
  readonly outageReads: number;
  /** The longest time in which the engine was asked nothing, in minutes. */
  readonly quiet: number;
  /** The callers that waited longer than 100 ms, and the longest wait, in milliseconds. */
  readonly waited: number;
  readonly longestWait: number;
  /** The callers that got an error. */
  readonly failed: number;
}

/** Simulates one fleet in one scene. */
export function simulate(scene: Scene, size: number, isShared: boolean, seed: number): Figures {
  const random = new Random(seed);
  const time = new Timeline();
  const server = new TokenServer(time, random, scene.outage);
  const isWarm = scene.starts === undefined;
  const minted = { since: 0, values: {}, lifetime: LIFETIME_MS, stated: true };
  const engine = new RegisterEngine(time, isWarm ? renew({}, undefined, minted) : {}, scene.away);
  const world: World = { time, random, server, engine, callers: new Callers(random) };
  const obtain = (isShared ? obtainShared : obtainAlone)(world);
  for (let at = 0; at < size; at++) {
    const rate = RATES[0] * (RATES[1] / RATES[0]) ** random.next() / 1_000;
    const isolate = new Isolate(`isolate ${at}`, rate, world, obtain);
    if (isWarm) hold(isolate, isShared, random);
    else isolate.callAt(random.next() * scene.starts);
    if (scene.refused) isolate.refuseAt(scene.refused);
  }
  time.runUntil(scene.until);
  return figuresOf(scene, size, world);
}

function hold(isolate: Isolate, isShared: boolean, random: Random): void {
  isolate.held = isShared ? createToken(0, random.next()) : createToken(-ROLL_OUT_MS * random.next());
  if (isShared) isolate.number = 1;
  isolate.callAfter(isolate.held.renewsAt);
}

function figuresOf({ outage }: Scene, size: number, { server, engine, callers }: World): Figures {
  const { reads, swaps } = engine;
  const outageReads = outage
    ? reads.within(outage.from, outage.until) / size / ((outage.until - outage.from) / 15_000)
    : 0;
  return {
    requests: server.requests.total,
    requestsPeak: server.requests.peak,
    reads: reads.total,
    readsPeak: reads.peak,
    swaps: swaps.total,
    swapsPeak: swaps.peak,
    outageReads,
    quiet: reads.longestGap / 60,
    waited: callers.waited,
    longestWait: callers.longestWait,
    failed: callers.failed,
  };
}
