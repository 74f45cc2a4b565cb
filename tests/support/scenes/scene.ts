import type { SceneEngine } from "./engine.ts";
import { CALLERS, type Fleet, MACHINES } from "./fleet.ts";

/** Something that happens to a fleet, and what it may cost. */
export interface Scene {
  /** What a user would lose, as a sentence. */
  readonly name: string;
  /** How many requests may arrive at the OAuth server, from the last `mark` on. */
  readonly requests: { readonly least: number; readonly most: number };
  /**
   * Lets it happen, and asserts what the callers got. It may return how many requests count; otherwise all do that arrive until
   * its end.
   */
  readonly run: (fleet: Fleet, engine: SceneEngine) => Promise<number | void>;
}

/** All callers of all machines. */
export const EVERYBODY = MACHINES * CALLERS;

/** Exactly this many requests. */
export function exactly(count: number): Scene["requests"] {
  return { least: count, most: count };
}

/** Waits. Only for what is about time itself; everything else is looked for with `until`. */
export function passes(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
