import type { ChainDescription } from "../core/engine/describe.ts";
import { type Hints, hintsOf } from "../report/guidance/hints.ts";

/** What a page shows. */
export interface View {
  /** The description of the whole chain. */
  readonly description: ChainDescription;
  /** What is known of the chain beside the description. */
  readonly hints: Hints;
}

/** Returns what a page shows of a resolver. No store is asked; whether variables are set is read. */
export function viewOf(resolver: object, description: ChainDescription): View {
  return { description, hints: hintsOf(resolver, description) };
}
