/** A table of checks, each named by what a user would lose if it failed. */
export type Checks = Record<string, () => void | Promise<void>>;
