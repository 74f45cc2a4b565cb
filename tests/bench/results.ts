import type { Bar, RuntimeName } from "./bars.ts";
import type { Figures } from "./measure.ts";

/** The figures of a row. */
export interface Result {
  readonly name: string;
  readonly what: string;
  readonly bars: readonly Bar[];
  /** The names of what is measured for the bars, besides the floor and the peers. */
  readonly own?: readonly string[];
  /** The figures by runtime, or those that are the same on all. */
  readonly figures: Readonly<Partial<Record<RuntimeName | "all", Figures>>>;
}

/** What was measured, and on what. */
export interface Results {
  readonly rows: readonly Result[];
  readonly runtimes: readonly { readonly name: RuntimeName; readonly version: string }[];
  readonly quick: boolean;
}
