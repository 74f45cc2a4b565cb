import type { AnyChain } from "../chain/chain.ts";
import type { MaybePromise } from "../chain/eventually.ts";
import type { Presence } from "../chain/field.ts";
import type { Ambient, LogEvent, Walked } from "../chain/host.ts";
import type { Refusal } from "../chain/outcome.ts";
import type { ShareDescription } from "../chain/share.ts";
import type { ShapeName, ShapeOf } from "../chain/shape.ts";
import type { Policy, Store } from "../chain/store.ts";
import type { Parts } from "../chain/store_kind.ts";
import type { Answer, FieldValues, Need } from "./answer.ts";
import type { Surroundings } from "../chain/store_spec.ts";
import type { Complain, Reader, Target, UntypedOpened } from "./reader.ts";
import type { Silences } from "./silences.ts";

/** A store of a compiled chain. */
export interface StorePlan extends Parts {
  readonly name: string;
  readonly store: Store;
  readonly shape: Shape;
  /** How long a look-up may take, in milliseconds. */
  readonly timeout: number;
  /** The compiled mappings of all credentials in it. */
  readonly readers: Reader[];
}

/** A store that is open. */
export interface OpenedStore extends UntypedOpened {
  readonly state: "on";
  /** The options, with their references read. */
  readonly options: StorePlan["options"];
  readonly surroundings: Surroundings;
}

/** One store of one credential, with its mapping compiled. */
export interface Source {
  readonly store: StorePlan;
  readonly reader: Reader;
  /** The indices of the fields that it maps. */
  readonly mapped: readonly number[];
  /** The fields of the credential. */
  readonly fields: readonly { readonly identity: boolean; readonly presence: Presence }[];
}

/** What one call of the resolver passes along. */
export interface Call {
  /** Keeps the request alive until a flight that it started has landed (a Worker's `ctx.waitUntil`). */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** Collects the functions that tell listeners and the log; they are run once the call's outermost walk is over. */
  readonly notices?: (() => void)[];
  /** Whether nothing of it is logged. */
  readonly unlogged?: boolean;
}

/** Logs an event once the call's outermost walk is over. */
export function logLater({ notices, unlogged }: Call, { log }: Ambient, event: LogEvent, walk?: Walked): void {
  if (log && !unlogged) notices?.push(() => log(event, walk));
}

/** Resolves a credential that a store needs; never rejects. */
export type ResolveNeed = (key: string, call: Call) => MaybePromise<Need | Refusal>;

/** What the stores of a resolver need from it. */
export interface Deps {
  readonly ambient: Ambient;
  readonly resolveNeed: ResolveNeed;
  /**
   * Returns a needed credential as it is held now, without asking for it; its `until` is 0 if it must be resolved
   * again.
   */
  readonly latestNeed: (key: string) => Need | undefined;
  /**
   * Invalidates a needed credential that was refused, unless another one has already taken its place; see `mayReplace`.
   */
  readonly refuse: (need: Need, renewed: Need | undefined) => void;
  /** Returns the present plan. */
  readonly plan: () => { readonly chain: AnyChain; readonly stores: readonly StorePlan[] };
  /** Returns the store in use with this name; if it is open, with its options, their references read. */
  readonly store: (name: string) => {
    readonly open: { readonly state: string; readonly options?: Readonly<Record<string, unknown>> };
  };
}

/** The winner of the previous walk, whose reading is used while it cannot be asked. */
export interface Previous {
  readonly source: string;
  readonly reading: FieldValues;
  readonly expiresAt: number;
}

/** The answers of an open store, as its shape gives them. */
export interface StoreAnswers {
  /** Asks for the fields with these indices of one credential; never rejects. */
  answer(
    source: Source,
    wanted: readonly number[],
    previous: Previous | undefined,
    call: Call,
  ): MaybePromise<Answer>;
  /** Only a token store: returns the held answer for a source, without asking. */
  held?(source: Source): Answer | undefined;
  /** Only a token store: returns the answer for a source while the store is not asked after a failure. */
  paused?(source: Source): Answer | undefined;
  /** Only a static store: the names for which it is not asked. */
  readonly silences?: Silences;
  /** How a token store shares its tokens, if it does. */
  readonly sharing?: SharingInUse | undefined;
}

/** How a token store shares its tokens, as its resolver sees it. */
export interface SharingInUse {
  /** Asks the engine once; returns why it cannot be used. */
  ask(call: Call): Promise<Refusal | undefined>;
  describe(): ShareDescription;
  /** Closes the connection to the engine. */
  close(): Promise<void>;
}

/** What a `ShapeOf` is within the package: how its mappings compile, and how its stores answer. */
export interface Shape<S extends ShapeName = ShapeName> extends ShapeOf<S> {
  /** Whether a server issues its answers, so that no person can supply them. */
  readonly issued: boolean;
  /** What follows an incomplete answer, unless the store's options say otherwise. */
  readonly onIncomplete: Policy;
  /** Compiles a mapping, and reports the mistakes in it. */
  compile(mapping: unknown, target: Target, complain: Complain): Reader;
  /** Returns the answers of an open store. */
  use(store: StorePlan, open: OpenedStore, deps: Deps): StoreAnswers;
}

/** How long an answer is used unless something says otherwise. */
const RECHECK_MS = 5_000;

/**
 * Returns how long an answer is used before its store is asked again, in milliseconds; `noted` is what the answer says.
 */
export function recheckOf({ options, spec }: StorePlan, noted?: number, otherwise: number = RECHECK_MS): number {
  return options.recheck ?? noted ?? spec.recheck ?? otherwise;
}
