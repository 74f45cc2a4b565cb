import type { Operation } from "./operations.ts";

/** How the code of an operation is run. */
export interface Mode {
  /** The flags of V8. */
  readonly flags: readonly string[];
  /** How often the operation runs before it is counted. */
  readonly warmUp: number;
  /** How often it runs while it is counted. */
  readonly times: number;
}

// Hint: one thread and fixed seeds, so that the same code runs whenever it is counted.
const PREDICTABLE = ["--predictable", "--single-threaded", "--hash-seed=1", "--random-seed=1"];
// Hint: no garbage is collected while something is counted.
const SPACIOUS = ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=256"];

/** Without a compiler, so that a change of the code changes the count in proportion. */
export const INTERPRETED: Mode = {
  flags: [
    ...PREDICTABLE,
    ...SPACIOUS,
    "--no-opt",
    "--no-maglev",
    "--no-sparkplug",
    "--no-lazy-feedback-allocation",
  ],
  warmUp: 50,
  times: 100,
};

/** As a user's code runs after a while: the compiler removes what it can. */
export const COMPILED: Mode = { flags: [...PREDICTABLE, ...SPACIOUS], warmUp: 40_000, times: 4_000 };

// Hint: where there is little else, what counts in the interpreter is how it boxes numbers, which compiled code does not.
/** Returns how an operation is counted. */
export function modeOf({ warm }: Operation): Mode {
  return warm ? COMPILED : INTERPRETED;
}
