import type { Flag, Options } from "./reference.ts";
import type { ShapeName, ShapeOf } from "./shape.ts";
import type { Share } from "./share.ts";

/** What the walk does after an answer that is neither a hit nor a miss. @category Stores */
export type Policy = "next" | "stop";

/** What the walk does after a token that has expired. @category Stores */
export type ExpiredPolicy = Policy | "serve";

/** The options of every store. @category Stores */
export interface StoreOptions {
  /** A store with a higher priority is asked first; no two stores have the same. */
  readonly priority: number;
  /** Whether the store is asked; `true` unless set. Of a list, all must hold. */
  readonly enabled?: boolean | Flag | readonly (boolean | Flag)[];
  /** How long an answer is used before the store is asked again, in milliseconds. */
  readonly recheck?: number;
  /**
   * How long a look-up may take, in milliseconds; 5,000 unless set, or what its kind says. By what exceeds 5,000, callers
   * without a `budget` wait longer too.
   */
  readonly timeout?: number;
  /** What follows an answer that lacks a field. Unless set, `variables` go on; `document`, `token` and `mounted` stop. */
  readonly onIncomplete?: Policy;
  /** What follows `denied`; `"stop"` unless set. */
  readonly onDenied?: Policy;
  /** What follows `invalid`; `"stop"` unless set. */
  readonly onInvalid?: Policy;
  /** What follows `unavailable`; `"next"` unless set, and the credential is `degraded`. */
  readonly onUnavailable?: Policy;
}

/** The additional options of every token store. @category Stores */
export interface TokenStoreOptions {
  /** How long before its expiry a token is renewed, in milliseconds; chosen by its lifetime unless set. */
  readonly advisoryWindow?: number;
  /** The lifetime of a token that states none, in milliseconds; 300,000 unless set. */
  readonly defaultLifetime?: number;
  /**
   * What follows a token that has expired and could not be renewed. `"serve"`: if no lower store has the credential, the
   * expired token is used, `degraded`. `"next"`: it is never used past an expiry that the server gave. `"stop"`: the walk
   * ends. Unless set, `oauth2` has `"next"`, and other stores have `"serve"`.
   */
  readonly onExpired?: ExpiredPolicy;
}

/** All options of a store: those of every store, of every token store, and its own. @category Stores */
export type OptionsFor<S extends ShapeName, O> =
  & StoreOptions
  & Options<O>
  & (S extends "token" ? TokenStoreOptions : unknown);

/** A store of a chain: a kind, a priority, and options. It is inert. @category Stores */
export interface Store<S extends ShapeName = ShapeName, Needed extends string = string, Request = unknown> {
  /** The kind of store, for example `"env"`. */
  readonly kind: string;
  /** What its look-up takes and returns. */
  readonly shape: ShapeOf<S>;
  /** A store with a higher priority is asked first. */
  readonly priority: number;
  /** The keys of the credentials that it needs itself. */
  readonly needs: readonly Needed[];
  /** What a token store can be asked for; in types only. */
  readonly request?: Request;
}

/** Stores by name. @category Stores */
export type Stores = Readonly<Record<string, Store>>;

/** The additional option of a token store whose tokens may be shared. @category Stores */
export interface ShareOption<Needed extends string = string> {
  /** Shares the tokens among all machines that use the same engine and seal. */
  readonly share?: Share<Needed>;
}

/** The option that names a need: that of an optional one, such as `"client?"`, has no question mark. @category Stores */
export type NeedName<Need extends string> = Need extends `${infer Name}?` ? Name : Need;

/** The options of the needs that may be left out. @category Stores */
export type OptionalNeed<Need extends string> = Need extends `${infer Name}?` ? Name : never;

/** The options that name the credentials which a store needs; those of optional needs may be left out. @category Stores */
export type NeedOptions<Need extends string, Needed extends string> =
  & { readonly [N in Exclude<NeedName<Need>, OptionalNeed<Need>>]: Needed }
  & { readonly [N in OptionalNeed<Need>]?: Needed };

/**
 * Creates a store of a chain from its options. The keys of the credentials that it needs, and that its `share` needs, are
 * part of the store's type.
 *
 * @category Stores
 */
export type StoreFactory<
  S extends ShapeName,
  O,
  Need extends string = never,
  Request = unknown,
  Version extends string = never,
> = [Need] extends [never] ? [Version] extends [never] ? (options: OptionsFor<S, O>) => Store<S, never, Request>
  : <const Sharing extends string = never>(
    options: OptionsFor<S, O> & ShareOption<Sharing>,
  ) => Store<S, NoInfer<Sharing>, Request>
  : [Version] extends [never] ? <const Needed extends string = never>(
      options: OptionsFor<S, O> & NeedOptions<Need, Needed>,
    ) => Store<S, NoInfer<Needed>, Request>
  : <const Needed extends string = never, const Sharing extends string = never>(
    options: OptionsFor<S, O> & NeedOptions<Need, Needed> & ShareOption<Sharing>,
  ) => Store<S, NoInfer<Needed | Sharing>, Request>;
