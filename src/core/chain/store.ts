import type { Flag, Options } from "./reference.ts";
import type { ShapeName, ShapeOf } from "./shape.ts";
import type { Share } from "./share.ts";

/**
 * What the walk does after an answer that is neither a hit nor a miss: it asks the next store, or stops with an error.
 *
 * @example Variables that are set in part: stop, instead of going on
 * ```ts
 * import { env, type Policy } from "@alphaswarm/credentials";
 *
 * const onIncomplete: Policy = "stop";
 * const store = env({ priority: 100, onIncomplete });
 * ```
 * @category Stores
 */
export type Policy = "next" | "stop";

/**
 * What the walk does when a token has expired: what a {@linkcode Policy} says, or it serves that token if no lower
 * store has the credential.
 *
 * @example A server that accepts tokens for a while after their expiry
 * ```ts
 * import type { ExpiredPolicy } from "@alphaswarm/credentials";
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 *
 * const onExpired: ExpiredPolicy = "serve"; // `degraded`, while the token server is down
 * const store = oauth2({
 *   priority: 300,
 *   tokenEndpoint: "https://sso.example/token",
 *   client: "m2m:client",
 *   onExpired,
 * });
 * ```
 * @category Stores
 */
export type ExpiredPolicy = Policy | "serve";

/**
 * The options of every store.
 *
 * @example A store on a network mount that is slow, and must not stop the walk
 * ```ts
 * import { file, flag } from "@alphaswarm/credentials";
 *
 * const store = file({
 *   directory: "/mnt/state",
 *   priority: 200,
 *   enabled: flag("STATE_ENABLED"),
 *   recheck: 30_000, // a document is read again after 30 s, when it is asked for
 *   timeout: 10_000,
 *   onDenied: "next", // without the permission to read, the next store is asked
 * });
 * ```
 * @category Stores
 */
export interface StoreOptions {
  /** A store with a higher priority is asked first; no two stores have the same. */
  readonly priority: number;
  /** Whether the store is asked; `true` unless set. All entries of a list must hold. */
  readonly enabled?: boolean | Flag | readonly (boolean | Flag)[];
  /** How long an answer is used before the store is asked again, in milliseconds. */
  readonly recheck?: number;
  /**
   * How long a look-up may take, in milliseconds; unless set, what its kind says, or 5,000. Callers without a `budget`
   * wait longer by what exceeds 5,000.
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

/**
 * The additional options of every token store.
 *
 * @example Renewed ten minutes before its expiry, and never used after it
 * ```ts
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 *
 * const store = oauth2({
 *   priority: 300,
 *   tokenEndpoint: "https://sso.example/token",
 *   client: "m2m:client",
 *   advisoryWindow: 600_000,
 *   defaultLifetime: 3_600_000, // of a token whose answer has no `expires_in`
 *   onExpired: "stop",
 * });
 * ```
 * @category Stores
 */
export interface TokenStoreOptions {
  /** How long before its expiry a token is renewed, in milliseconds; chosen by its lifetime unless set. */
  readonly advisoryWindow?: number;
  /** The lifetime of a token that states none, in milliseconds; 300,000 unless set. */
  readonly defaultLifetime?: number;
  /**
   * What follows a token that has expired and could not be renewed. `"serve"`: if no lower store has the credential, the
   * expired token is used, `degraded`. `"next"`: it is never used past an expiry that the server gave. `"stop"`: the walk
   * ends. Unless set, `sts`, `credentialProcess` and `execCredential` have `"serve"`, as has a store of your own unless
   * its spec says otherwise; the other stores have `"next"`.
   */
  readonly onExpired?: ExpiredPolicy;
}

/**
 * All options of a store: those of every store, of every token store, and its own.
 *
 * @typeParam S The shape's name.
 * @typeParam O The store's own options.
 *
 * @example A store with one option that is the same in every chain of yours
 * ```ts
 * import { file, type FileOptions, type OptionsFor } from "@alphaswarm/credentials";
 *
 * const state = (options: Omit<OptionsFor<"document", FileOptions>, "directory">) =>
 *   file({ ...options, directory: "/var/lib/app" });
 * const store = state({ priority: 200, recheck: 5_000 });
 * ```
 * @category Writing a store
 */
export type OptionsFor<S extends ShapeName, O> =
  & StoreOptions
  & Options<O>
  & (S extends "token" ? TokenStoreOptions : unknown);

/**
 * A store of a chain: a kind, a priority, and options. It is inert.
 *
 * @typeParam S The shape's name.
 * @typeParam Needed The keys of the credentials that it needs.
 * @typeParam Request What a token store can be asked for.
 *
 * @example What a store says about itself; its options stay inside
 * ```ts
 * import { env, type Store } from "@alphaswarm/credentials";
 *
 * const store: Store<"variables", never> = env({ priority: 100 });
 * console.log(store.kind, store.shape.name, store.priority, store.needs);
 * // "env", "variables", 100, []
 * ```
 * @category Stores
 */
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

/**
 * Stores by name.
 *
 * @example Stores that are declared apart from their chain
 * ```ts
 * import { defineChain, env, file, required, type Stores } from "@alphaswarm/credentials";
 *
 * const stores = {
 *   file: file({ priority: 200, directory: "data/bootstrap" }),
 *   env: env({ priority: 100 }),
 * } satisfies Stores;
 * const chain = defineChain({
 *   stores,
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export type Stores = Readonly<Record<string, Store>>;

/**
 * The additional option of a token store whose tokens may be shared.
 *
 * @typeParam Needed The keys of the credentials that the share needs.
 *
 * @example A kind of store has it if its spec says `share`
 * ```ts
 * import { defineStore, type ShareOption, token } from "@alphaswarm/credentials";
 *
 * const sidecar = defineStore({
 *   kind: "sidecar",
 *   shape: token,
 *   share: "1",
 *   open: () => () => ({ values: { access_token: "not-a-secret" }, expiresIn: 300 }),
 * });
 * const sharing: ShareOption<never> = {}; // or { share: redis(…) }
 * const store = sidecar({ priority: 300, ...sharing });
 * ```
 * @category Writing a store
 */
export interface ShareOption<Needed extends string = string> {
  /** Shares the tokens among all machines that use the same engine and seal. */
  readonly share?: Share<Needed>;
}

/**
 * The option that names a need; for an optional one, such as `"client?"`, it has no question mark.
 *
 * @typeParam Need The needs, such as `"login" | "client?"`.
 *
 * @example The names of two needs
 * ```ts
 * import type { NeedName } from "@alphaswarm/credentials";
 *
 * const options: readonly NeedName<"login" | "client?">[] = ["login", "client"];
 * ```
 * @category Writing a store
 */
export type NeedName<Need extends string> = Need extends `${infer Name}?` ? Name : Need;

/**
 * The options of the needs that may be left out.
 *
 * @typeParam Need The needs, such as `"login" | "client?"`.
 *
 * @example One of two
 * ```ts
 * import type { OptionalNeed } from "@alphaswarm/credentials";
 *
 * const option: OptionalNeed<"login" | "client?"> = "client";
 * ```
 * @category Writing a store
 */
export type OptionalNeed<Need extends string> = Need extends `${infer Name}?` ? Name : never;

/**
 * The options that name the credentials which a store needs; those of optional needs may be left out.
 *
 * @typeParam Need The needs, such as `"login" | "client?"`.
 * @typeParam Needed The keys of the credentials.
 *
 * @example A login that a chain must name, and a client that it may
 * ```ts
 * import type { NeedOptions } from "@alphaswarm/credentials";
 *
 * const options: NeedOptions<"login" | "client?", "vault:login"> = { login: "vault:login" };
 * ```
 * @category Writing a store
 */
export type NeedOptions<Need extends string, Needed extends string> =
  & { readonly [N in Exclude<NeedName<Need>, OptionalNeed<Need>>]: Needed }
  & { readonly [N in OptionalNeed<Need>]?: Needed };

/**
 * Creates a store of a chain from its options. The keys of the credentials that it needs, and that its `share` needs,
 * are part of the store's type.
 *
 * @typeParam S The shape's name.
 * @typeParam O The store's own options.
 * @typeParam Need The options that name the credentials which it needs; `"client?"` is one that may be left out.
 * @typeParam Request What a token store can be asked for.
 * @typeParam Version For a token store whose tokens can be shared, the version of what they are asked for with.
 *
 * @example The type of a store that a module exports
 * ```ts
 * import { defineStore, type StoreFactory, variables } from "@alphaswarm/credentials";
 *
 * interface ArgsOptions {
 *   readonly args: readonly string[];
 * }
 * // Values of the command line: `--NAME=value`.
 * export const args: StoreFactory<"variables", ArgsOptions> = defineStore({
 *   kind: "args",
 *   shape: variables,
 *   open: ({ args }: ArgsOptions) => (name) =>
 *     args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3),
 * });
 * ```
 * @category Writing a store
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
