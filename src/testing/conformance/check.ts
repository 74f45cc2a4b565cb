import type { ConformanceLimit, StoreHarness } from "./harness.ts";

/** One check, and what it wants of the harness. */
export interface Check {
  readonly name: string;
  readonly wants?: readonly ConformanceLimit[];
  readonly run: (harness: StoreHarness) => Promise<void>;
}
