import type { MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import type { Refusal } from "../chain/outcome.ts";
import type { ShapeName, ShapeOf } from "../chain/shape.ts";
import type { Policy, Store } from "../chain/store.ts";
import type { Parts } from "../chain/store_kind.ts";
import type { Answer, Need, Values } from "./answer.ts";
import type { Call } from "./flight.ts";
import type { Complain, RawLook, Reader, Target } from "./reader.ts";

/** A store of a compiled chain. */
export interface StorePlan extends Parts {
  readonly name: string;
  readonly store: Store;
  readonly shape: Shape;
}

/** One store of one credential, with its mapping compiled. */
export interface Source {
  readonly store: StorePlan;
  readonly reader: Reader;
  /** The indices of the fields that it maps. */
  readonly wanted: readonly number[];
}

/** Resolves a credential that a store needs; never rejects. */
export type ResolveNeed = (key: string, call: Call) => MaybePromise<Need | Refusal>;

/** What the stores of one resolver need of it. */
export interface Deps {
  readonly ambient: Ambient;
  readonly resolveNeed: ResolveNeed;
  /** Passes on that a credential was refused. */
  readonly invalidate: (credential: object) => void;
}

/** The latest walk of a credential: its winner's reading is used while the winner cannot be asked. */
export interface Previous {
  readonly source: string;
  readonly reading: Values;
}

/** An open store in use by a resolver. */
export interface StoreUse {
  /** Asks for the fields with these indices of one credential; never rejects. */
  answer(
    source: Source,
    wanted: readonly number[],
    previous: Previous | undefined,
    call: Call,
  ): MaybePromise<Answer>;
  /** Returns what is held for a source, without asking. */
  held?(source: Source): Answer | undefined;
  /** Returns what is answered for a source while the store is not asked after a failure. */
  paused?(source: Source): Answer | undefined;
}

/** A shape within the package: how its mappings compile, and how its stores are used. */
export interface Shape<S extends ShapeName = ShapeName> extends ShapeOf<S> {
  /** Whether its answers are obtained from a server by a request, and not read where somebody put them. */
  readonly obtained: boolean;
  /** What follows an incomplete answer, unless the store's options say otherwise. */
  readonly onIncomplete: Policy;
  /** Compiles a mapping, and reports the mistakes in it. */
  compile(mapping: unknown, target: Target, complain: Complain): Reader;
  /** Takes an open store into use. */
  use(store: StorePlan, look: RawLook, deps: Deps): StoreUse;
}

/** How long an answer of a store that does not say is used. */
const RECHECK_MS = 5_000;

/** Returns how long an answer of a store is used before it is asked again, in milliseconds. */
export function recheckOf({ options, spec }: StorePlan): number {
  return options.recheck ?? spec.recheck ?? RECHECK_MS;
}
