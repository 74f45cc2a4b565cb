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

const COMPILED = [...PREDICTABLE, ...SPACIOUS];

/** Compiled, for what takes so little that compiling it takes many runs. */
export const COMPILED_WARM: Mode = { flags: COMPILED, warmUp: 40_000, times: 4_000 };

/** Compiled, for what does more in a run. */
export const COMPILED_COLD: Mode = { flags: COMPILED, warmUp: 8_000, times: 1_000 };
