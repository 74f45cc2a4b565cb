import { type Bar, EVERY_PEER } from "./bars.ts";
import type { Contest } from "./measure.ts";
import type { Load } from "./peers.ts";
import { coldFromFile } from "./rows/document.ts";
import { coldFromEnv, compile, firstResolve, lastOfMany, warmAmong } from "./rows/environment.ts";
import { expiring, lasting, peeking, warm, warmShared } from "./rows/held.ts";
import { outage } from "./rows/outage.ts";
import { stampede, stampedeWithSignal } from "./rows/stampede.ts";

/** A row that is timed on every runtime, in a process of its own, since a row can affect how another's code is compiled. */
export interface TimedRow {
  readonly what: string;
  readonly bars: readonly Bar[];
  /** The names of what is measured for the bars, besides the floor and the peers. */
  readonly own?: readonly string[];
  readonly prepare: (load?: Load) => Promise<Contest>;
}

const ahead: Bar = { times: 1, of: EVERY_PEER };

/** The rows, by name. */
export const rows: Readonly<Record<string, TimedRow>> = {
  warmExpiring: { what: "warm resolve, can expire", bars: [ahead], prepare: (load) => warm(expiring(), load) },
  warmLasting: { what: "warm resolve, can't expire", bars: [ahead], prepare: (load) => warm(lasting(), load) },
  warmShared: { what: "warm resolve, shared", bars: [{ times: 1.1, of: "floor" }], prepare: () => warmShared() },
  peekExpiring: {
    what: "peek, can expire",
    bars: [{ times: 1.5, of: "floor" }],
    prepare: (load) => peeking(expiring(), load),
  },
  peekLasting: {
    what: "peek, can't expire",
    bars: [{ times: 1.5, of: "map and clock" }],
    own: ["map and clock"],
    prepare: (load) => peeking(lasting(), load),
  },
  warmAmong: {
    what: "warm among 1,000 stores",
    bars: [{ times: 1.1, of: "floor" }],
    prepare: () => warmAmong(1_000),
  },
  coldEnv: {
    what: "cold from env, after two misses",
    bars: [{ times: { bun: 1.5, others: 1 }, of: "unstorage overlay" }],
    prepare: coldFromEnv,
  },
  coldFile: { what: "cold from a 200-byte JSON file", bars: [{ times: 2, of: "floor" }], prepare: coldFromFile },
  lastOfMany: {
    what: "the last of 1,000 stores",
    bars: [{ times: { bun: 3, others: 2 }, of: "unstorage overlay" }],
    prepare: (load) => lastOfMany(1_000, load),
  },
  compileFew: {
    what: "compile 10 stores",
    bars: [{ times: 10, of: "unstorage overlay" }],
    own: ["declared too"],
    prepare: (load) => compile(10, load),
  },
  compileMany: {
    what: "compile 1,000 stores",
    bars: [{ times: 10, of: "unstorage overlay" }],
    own: ["declared too"],
    prepare: (load) => compile(1_000, load),
  },
  firstResolve: {
    what: "build and first resolve",
    bars: [{ times: 8, of: "cold resolve" }, { ns: 150_000 }],
    own: ["cold resolve"],
    prepare: firstResolve,
  },
  stampede: {
    what: "10,000 at once, token expired",
    bars: [{ requests: 1 }, { times: 1.2, of: "floor" }],
    prepare: (load) => stampede(10_000, load),
  },
  stampedeSignal: {
    what: "10,000 at once, one signal",
    bars: [{ requests: 1 }, { times: 1.2, of: "floor" }],
    prepare: (load) => stampedeWithSignal(10_000, load),
  },
  outage: {
    what: "1,000 calls, source down",
    bars: [{ requests: 1 }],
    prepare: (load) => outage(1_000, load),
  },
};
