import type { MaybePromise } from "../chain/eventually.ts";
import type { Reference } from "../chain/reference.ts";
import type { Share, ShareDescription } from "../chain/share.ts";
import type { Attempt } from "./attempt.ts";
import type { LookUp } from "./look_up.ts";
import type { Complain } from "./reader.ts";
import type { Call, Deps, SharingInUse, Source, StorePlan } from "./source.ts";
import type { TokenGeneration } from "./token_generation.ts";

/**
 * What a `Share` is within the package: a plain object that brings its steps with it, so that only a chain that shares pays
 * for them.
 */
export interface ShareEngine extends Share {
  /** The keys of the credentials that it needs, by the name of its option. */
  readonly needed: Readonly<Record<string, string>>;
  /** Who logs in. A reference is read with the store's options: `use` finds its text in `options.share`. */
  readonly principal: string | Reference | undefined;
  /** Completes the plan of a store that shares, and reports the mistakes in it: `compileShare`. */
  compile(store: StorePlan, credentials: PlannedCredentials, complain: Complain): void;
  /** Describes it before it is used. */
  describe(): ShareDescription;
  /**
   * Returns how one store of a resolver shares. It is inert.
   *
   * @param store The store.
   * @param options The options that it was opened with, with their references read, that of `share` included.
   * @param deps What it needs from the resolver.
   */
  use(store: StorePlan, options: StorePlan["options"], deps: Deps): Sharing;
}

/** Returns how a store shares its tokens, if it does. */
export function shareOf({ options }: Pick<StorePlan, "options">): ShareEngine | undefined {
  return options.share as ShareEngine | undefined;
}

/** The credentials of a plan, by their keys, as compiling a store that shares needs them. */
export type PlannedCredentials = ReadonlyMap<string, {
  readonly names: readonly string[];
  readonly sources: readonly Source[];
  readonly dependents: readonly string[];
  budget: number;
}>;

/** How one store of a resolver shares its tokens. */
export interface Sharing extends SharingInUse {
  /**
   * Returns the look-up of the token of one request: a `sharedLookUp`.
   *
   * @param request The request, with its references read.
   * @param held Returns the token that is held.
   */
  lookUp(request: unknown, held: () => TokenGeneration | undefined): LookUp;
}

/**
 * Obtains a token through the engine. The attempt is returned with an answer and, if that is a token, with `shared`; a
 * token that another machine obtained counts as obtained with the attempt's needs. Never rejects.
 *
 * `mint` gets the needs that were resolved with `attempt.need`, even if it tries again. For an attempt that was not
 * minted, this function sets `ms` itself.
 *
 * @param attempt A try that has not begun: its `need` resolves what the store needs.
 * @param mint Asks the store itself, within the store's timeout; again if the machine was suspended meanwhile, unless
 * `repeats` is `false`.
 */
export type ObtainShared = <T>(
  attempt: Attempt<T>,
  mint: (attempt: Attempt<T>, repeats?: boolean) => MaybePromise<Attempt<T>>,
  call: Call,
) => Promise<Attempt<T>>;
