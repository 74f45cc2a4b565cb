import type { Credential } from "../credential.ts";
import type { MaybePromise } from "../eventually.ts";
import type { Clock, Files } from "../host.ts";
import type { Refusal } from "../outcome.ts";
import type { Flag, Reference } from "../reference.ts";
import type { ShapeName, ShapeOf, Shapes } from "../shapes/shape.ts";

/** What the walk does after an answer that is neither a hit nor a miss. @category Stores */
export type Policy = "next" | "stop";

/** The options that every store takes. @category Stores */
export interface StoreOptions {
  /** A store of a higher priority is asked first; no two stores have the same. */
  readonly priority: number;
  /** Whether the store is asked at all; on unless this says otherwise. */
  readonly enabled?: boolean | Flag;
  /** How long an answer counts before the store is asked again, in milliseconds. */
  readonly recheck?: number;
  /** How long a look-up may take, in milliseconds; 5,000 unless this says otherwise. */
  readonly timeout?: number;
  /** After an answer that lacks a field: `variables` go on, `document` and `token` stop. */
  readonly onIncomplete?: Policy;
  /** After a refusal: stops unless this says otherwise. */
  readonly onDenied?: Policy;
  /** After an answer that makes no sense: stops unless this says otherwise. */
  readonly onInvalid?: Policy;
  /** After an outage: goes on unless this says otherwise, and the answer is `degraded`. */
  readonly onUnavailable?: Policy;
}

/** The options that every token store takes besides. @category Stores */
export interface TokenStoreOptions {
  /** How long before its expiry an answer is renewed, in milliseconds; by its lifetime unless this says otherwise. */
  readonly advisoryWindow?: number;
  /** The lifetime of an answer that gives none, in milliseconds; 300,000 unless this says otherwise. */
  readonly defaultLifetime?: number;
  /** After an answer has expired and could not be renewed: goes on unless this says otherwise. */
  readonly onExpired?: Policy;
}

/** A store's own options as a chain writes them: a text may be a reference. @category Stores */
export type Options<O> = {
  readonly [N in keyof O]:
    | O[N]
    | (string extends O[N] ? Reference : O[N] extends string | undefined ? Reference : never);
};

/** A need's credential, as a look-up gets it. @category Stores */
export interface NeededCredential extends Pick<Credential, "key" | "source" | "fields" | "expiresAt"> {
  /** A field's value. */
  get(name: string): unknown;
}

/** What a look-up is given besides the name. One context serves one reading of one credential. @category Stores */
export interface Context<Need extends string = never> {
  /** Ends when the look-up's time is up. */
  readonly signal: AbortSignal;
  /** Resolves a credential that the store declared in `needs`; when it can't be had, the look-up ends there. */
  need(name: Need): Promise<NeededCredential>;
}

/** What a store opens with: everything ambient. @category Stores */
export interface Surroundings {
  /** Reads a variable of the environment, or a Worker's binding. */
  readonly variable: (name: string) => MaybePromise<string | undefined | Refusal>;
  /** Reads files at once; `undefined` where there are none. */
  readonly files: Files | undefined;
  /** Reads files without keeping others waiting; `undefined` where there are none. */
  readonly slowFiles: Files | undefined;
  /** Asks the network. A connection that fails makes the look-up `unavailable`; answers are bounded. */
  readonly fetch: typeof fetch;
  /** The time. */
  readonly clock: Clock;
  /** Chance, at least 0 and less than 1. */
  readonly random: () => number;
  /** How the chain writes each option: its text, or `$NAME` where a variable gave it. For details. */
  readonly declared: Readonly<Record<string, string>>;
}

/** One look-up: the value, `undefined` for a miss, or a refusal; at once or later. @category Stores */
export type Look<S extends ShapeName, Request = string, Need extends string = never> = (
  what: S extends "token" ? Request : string,
  context: Context<Need>,
) => MaybePromise<Shapes[S]["answer"] | undefined | Refusal>;

/** What each shape changes at once; where what is there is no longer `before`, nothing is to be written. @category Stores */
export interface Changes {
  /** Values by name, as they are and as they shall be; `undefined` is an absence. */
  readonly variables: {
    readonly before: Readonly<Record<string, string | undefined>>;
    readonly after: Readonly<Record<string, string | undefined>>;
  };
  /** A whole document; `before` is `undefined` where there is none. */
  readonly document: { readonly name: string; readonly before: object | undefined; readonly after: object };
  /** Tokens are obtained and not written. */
  readonly token: never;
}

/**
 * One change: nothing or `true` once it is written, `false` where another change came first, or a refusal.
 *
 * @category Stores
 */
export type Write<S extends ShapeName, Need extends string = never> = (
  change: Changes[S],
  context: Context<Need>,
) => MaybePromise<void | boolean | Refusal>;

/** What a store needs of the runtime. @category Stores */
export interface Permissions {
  /** Names of variables. */
  readonly env?: readonly string[];
  /** Paths to read. */
  readonly read?: readonly string[];
  /** Hosts, with a port where it is not the scheme's own. */
  readonly net?: readonly string[];
}

/** A kind of store. @category Stores */
export interface StoreSpec<S extends ShapeName, O extends object, Need extends string = never, Request = unknown> {
  /** What kind of store it is, for `describe`. */
  readonly kind: string;
  /** What its look-up takes and gives: `variables`, `document` or `token`. */
  readonly shape: ShapeOf<S>;
  /** How long an answer counts, in milliseconds; `Infinity` until it is invalidated. */
  readonly recheck?: number;
  /** Whether it needs no network. */
  readonly local?: boolean;
  /** The options that name credentials of the chain which the store itself needs. */
  readonly needs?: readonly Need[];
  /** The fields that such a credential must have. */
  readonly requires?: { readonly [N in Need]?: readonly string[] };
  /** How a prefix and a field's name make a variable's name; joined as they are unless this says otherwise. */
  readonly variable?: (prefix: string, field: string) => string;
  /** What it needs of the runtime to read these declared names. */
  readonly permissions?: (reads: readonly string[], options: O) => Permissions;
  /** Opens it, when it is first asked: gives the look-up, a refusal, or `undefined` where this runtime can't have it. */
  readonly open: (options: O, surroundings: Surroundings) => Look<S, Request, Need> | Refusal | undefined;
  /**
   * How `persist` and `ensure` write to it, given what it was opened with; without this it can only be read. `"files"`:
   * each document is a JSON file in the directory that its option `directory` names.
   */
  readonly write?: "files" | ((options: O, surroundings: Surroundings) => Write<S, Need>);
}

/** A store of a chain: a kind, a priority, and options. It is inert. @category Stores */
export interface Store<S extends ShapeName = ShapeName, Needed extends string = string, Request = unknown> {
  /** What kind of store it is. */
  readonly kind: string;
  /** What its look-up takes and gives. */
  readonly shape: ShapeOf<S>;
  /** A store of a higher priority is asked first. */
  readonly priority: number;
  /** The credentials that it needs itself. */
  readonly needs: readonly Needed[];
  /** What a token store can be asked for; in types only. */
  readonly request?: Request;
}

/** Stores by name. @category Stores */
export type Stores = Readonly<Record<string, Store>>;

/** What makes a store of a chain from its options. @category Stores */
export type StoreFactory<S extends ShapeName, O, Need extends string = never, Request = unknown> = [Need] extends
  [never] ? (options: OptionsFor<S, O>) => Store<S, never, Request>
  : <const Needed extends string>(
    options: OptionsFor<S, O> & { readonly [N in Need]: Needed },
  ) => Store<S, Needed, Request>;

/** All options of a store: every store's, every token store's, and its own. @category Stores */
export type OptionsFor<S extends ShapeName, O> =
  & StoreOptions
  & Options<O>
  & (S extends "token" ? TokenStoreOptions : unknown);

const INSIDE: unique symbol = Symbol.for("@alphaswarm/credentials/store");

/** What the package knows of a store besides what its type shows. */
export interface Parts {
  readonly spec: StoreSpec<ShapeName, Record<string, unknown>, string>;
  readonly options: StoreOptions & TokenStoreOptions & Readonly<Record<string, unknown>>;
}

/**
 * Defines a kind of store by one look-up. Blanks, locators, templates, schemas, trace and freshness happen outside it.
 *
 * @typeParam S The shape's name.
 * @typeParam O The store's own options.
 * @param spec What the store is.
 * @returns A factory that takes a priority and the options, and gives a store for `defineChain`.
 *
 * @example
 * ```ts
 * import { defineStore, denied, unavailable, variables } from "@alphaswarm/credentials";
 *
 * const consul = defineStore({
 *   kind: "consul",
 *   shape: variables,
 *   recheck: 5_000,
 *   open: ({ url }: { url: string }, { fetch }) => async (name, { signal }) => {
 *     const answer = await fetch(`${url}/v1/kv/${name}?raw`, { signal });
 *     if (answer.status === 404) return undefined;
 *     if (answer.status === 403) return denied("needs key:read on this prefix");
 *     return answer.ok ? await answer.text() : unavailable(`HTTP ${answer.status}`);
 *   },
 * });
 * const store = consul({ priority: 150, url: "http://127.0.0.1:8500" });
 * ```
 * @category Stores
 */
export function defineStore<
  S extends ShapeName,
  O extends object = object,
  const Need extends string = never,
  Request = unknown,
>(
  spec: StoreSpec<S, O, Need, Request>,
): StoreFactory<S, O, NoInfer<Need>, NoInfer<Request>> {
  const factory = (options: StoreOptions & Record<string, unknown>) => {
    const parts = { spec, options } as unknown as Parts;
    const store = {
      kind: spec.kind,
      shape: spec.shape,
      priority: options.priority,
      needs: (spec.needs ?? []).map((name) => options[name]),
    };
    // Hint: options may hold what should not be printed, such as the values of a memory store, and Bun prints properties
    // that are not enumerable.
    return Object.defineProperty(store, INSIDE, { value: (): Parts => parts });
  };
  return factory as unknown as StoreFactory<S, O, NoInfer<Need>, NoInfer<Request>>;
}

/** What the package knows of a store, or nothing for what is no store. */
export function inside(store: unknown): Parts | undefined {
  if (typeof store !== "object" || store === null || !(INSIDE in store)) return undefined;
  return (store[INSIDE] as () => Parts)();
}
