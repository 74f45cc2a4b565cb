import type { Outage } from "./token_server.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What happens to a fleet. All moments are in milliseconds. */
export interface Scene {
  readonly name: string;
  readonly what: string;
  /** In how much time the isolates get their first call; absent where each holds a token at the beginning. */
  readonly starts?: number;
  readonly outage?: Outage;
  /** When the engine does not answer. */
  readonly away?: { readonly from: number; readonly until: number };
  /** When services begin to refuse all tokens from before. */
  readonly refused?: number;
  readonly until: number;
}

// Hint: the worst moment: no token is due before it, and all expire in it.
const WARM_OUTAGE = { from: 44 * MINUTE, until: 64 * MINUTE };
const COLD_OUTAGE = { from: 0, until: 20 * MINUTE };

/** The scenes, by what they are about. */
export const SCENES: readonly Scene[] = [
  { name: "day", what: "a day", starts: MINUTE, until: 24 * HOUR },
  { name: "cold", what: "cold start within a second", starts: SECOND, until: 5 * MINUTE },
  { name: "refused", what: "all tokens refused at once", refused: 10 * MINUTE, until: 15 * MINUTE },
  {
    name: "away",
    what: "engine away for 20 min over a renewal",
    away: { from: 38.75 * MINUTE, until: 58.75 * MINUTE },
    until: 110 * MINUTE,
  },
  {
    name: "503",
    what: "server at 503 for 20 min",
    outage: { ...WARM_OUTAGE, what: "503" },
    until: 75 * MINUTE,
  },
  {
    name: "503 Retry-After",
    what: "the same, with Retry-After: 60",
    outage: { ...WARM_OUTAGE, what: "503", retryAfter: MINUTE },
    until: 75 * MINUTE,
  },
  {
    name: "unreachable",
    what: "server unreachable for 20 min",
    outage: { ...WARM_OUTAGE, what: "unreachable" },
    until: 75 * MINUTE,
  },
  {
    name: "cold 503",
    what: "cold start, server at 503 for 20 min",
    starts: SECOND,
    outage: { ...COLD_OUTAGE, what: "503" },
    until: 30 * MINUTE,
  },
  {
    name: "cold 503 Retry-After",
    what: "the same, with Retry-After: 60",
    starts: SECOND,
    outage: { ...COLD_OUTAGE, what: "503", retryAfter: MINUTE },
    until: 30 * MINUTE,
  },
  {
    name: "cold unreachable",
    what: "cold start, server unreachable for 20 min",
    starts: SECOND,
    outage: { ...COLD_OUTAGE, what: "unreachable" },
    until: 30 * MINUTE,
  },
];
