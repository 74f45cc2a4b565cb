import type { Outage } from "./token_server.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What happens to a fleet. All moments are in milliseconds. */
export interface Scene {
  readonly name: string;
  readonly what: string;
  readonly text: string;
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

/** How long the day is. */
export const DAY_HOURS = 24;

/** The scenes, by what they are about. */
export const SCENES: readonly Scene[] = [
  {
    name: "day",
    what: "a day",
    text: "Every isolate gets its first call within a minute, and goes on for 24 hours.",
    starts: MINUTE,
    until: DAY_HOURS * HOUR,
  },
  {
    name: "cold",
    what: "cold start within 1 s",
    text: "Every isolate gets its first call within the same second.",
    starts: SECOND,
    until: 5 * MINUTE,
  },
  {
    name: "rolled out",
    what: "cold start within 30 s",
    text: "Every isolate gets its first call within half a minute.",
    starts: 30 * SECOND,
    until: 5 * MINUTE,
  },
  {
    name: "refused",
    what: "all tokens refused at once",
    text: "From one moment on, services refuse all tokens from before, and every next call finds that out.",
    refused: 10 * MINUTE,
    until: 15 * MINUTE,
  },
  {
    name: "away",
    what: "engine away over a renewal",
    text:
      "The engine does not answer for 20 minutes, in the middle of which the token is due; the next renewal follows.",
    away: { from: 38.75 * MINUTE, until: 58.75 * MINUTE },
    until: 110 * MINUTE,
  },
  {
    name: "at 503",
    what: "server at 503",
    text: "The server answers 503 for 20 minutes, in which the token is due and expires.",
    outage: { ...WARM_OUTAGE, what: "503" },
    until: 75 * MINUTE,
  },
  {
    name: "Retry-After",
    what: "server at 503, Retry-After: 60",
    text: "The same, and each answer says `Retry-After: 60`.",
    outage: { ...WARM_OUTAGE, what: "503", retryAfter: MINUTE },
    until: 75 * MINUTE,
  },
  {
    name: "unreachable",
    what: "server unreachable",
    text: "The server gives no answer for 20 minutes, in which the token is due and expires.",
    outage: { ...WARM_OUTAGE, what: "unreachable" },
    until: 75 * MINUTE,
  },
  {
    name: "cold unreachable",
    what: "cold start, server unreachable",
    text: "Every isolate gets its first call within the second in which the server stops to answer for 20 minutes.",
    starts: SECOND,
    outage: { from: 0, until: 20 * MINUTE, what: "unreachable" },
    until: 30 * MINUTE,
  },
];
