import type { Need } from "./answer.ts";
import type { Declaration } from "./declaration.ts";
import type { Refusal } from "./reading.ts";
import type { Task, Tasks } from "./tasks.ts";
import type { Side } from "./world.ts";

/** An event of the log, without its detail. */
export interface Event {
  readonly type: string;
  readonly key?: string;
  readonly store?: string;
}

/** One call of a caller, as the walks that it causes see the model. */
export interface Call {
  readonly decl: Declaration;
  readonly tasks: Tasks;
  readonly side: Side;
  /** Resolves a credential that a store needs. */
  readonly resolveNeed: (key: string) => Task<Need | Refusal>;
  /** Returns what a store would get for a need now, if nothing were asked. */
  readonly latestNeed: (key: string) => Need | undefined;
  /** Invalidates a need that was refused. */
  readonly refuse: (need: Need, isAgain: boolean) => void;
  readonly log: (event: Event) => void;
}
