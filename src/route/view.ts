import type { ChainDescription } from "../core/engine/describe.ts";
import { type Hints, hintsOf } from "../report/guidance/hints.ts";

/** What a page shows. */
export interface View {
  /** The description of the whole chain. */
  readonly description: ChainDescription;
  /** What is known about the chain besides the description. */
  readonly hints: Hints;
}

/** Returns what a page shows of a resolver. It asks no store, but reads whether variables are set. */
export function viewOf(resolver: object, description: ChainDescription): View {
  return { description, hints: hintsOf(resolver, description) };
}
