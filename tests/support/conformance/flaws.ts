import type { StoreHarness } from "../../../src/testing/mod.ts";

/** Opens a harness for a check. */
export type Open = () => StoreHarness;

/** Faults of stores by the check that finds each: what a store does, and what the check says of it. */
export type Flaws = Readonly<Record<string, readonly (readonly [string, Open, RegExp])[]>>;

/** An answer of any form. */
// deno-lint-ignore no-explicit-any
export type Any = any;
