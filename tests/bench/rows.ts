import { coldFromEnv, coldFromFile, lastOfMany, warmAmong } from "./cold_rows.ts";
import { expiring, lasting, peeking, warm } from "./held_rows.ts";
import type { Row } from "./measure.ts";
import type { Load } from "./peers.ts";
import { expiredForMany } from "./shared_rows.ts";

/** A row that is timed on every runtime. */
export interface TimedRow {
  readonly what: string;
  /** The ratio to the floor to stay below; printed, never asserted. */
  readonly bar: string;
  readonly prepare: (load: Load) => Promise<Row>;
}

/** The rows, by name. Each is measured in a process of its own, since a row can affect how another's code is compiled. */
export const rows: Readonly<Record<string, TimedRow>> = {
  warmExpiring: { what: "warm resolve, can expire", bar: "1.3", prepare: (load) => warm(expiring(), load) },
  warmLasting: { what: "warm resolve, can't expire", bar: "1.3", prepare: (load) => warm(lasting(), load) },
  peekExpiring: { what: "peek, can expire", bar: "1.5", prepare: (load) => peeking(expiring(), load) },
  peekLasting: { what: "peek, can't expire", bar: "1.5", prepare: (load) => peeking(lasting(), load) },
  coldEnv: { what: "cold from env, after two misses", bar: "2", prepare: coldFromEnv },
  coldFile: { what: "cold from a 200-byte JSON file", bar: "2", prepare: coldFromFile },
  lastOfMany: { what: "the last of 1,000 stores", bar: "20 µs", prepare: (load) => lastOfMany(1_000, load) },
  warmAmong: { what: "warm among 1,000, over one", bar: "1", prepare: () => warmAmong(1_000) },
  shared: {
    what: "10,000 resolves, token expired",
    bar: "1.2, 1 req",
    prepare: (load) => expiredForMany(10_000, load),
  },
};
