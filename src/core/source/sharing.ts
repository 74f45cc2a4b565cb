import type { MaybePromise } from "../chain/eventually.ts";
import type { Refusal, Shared } from "../chain/outcome.ts";
import type { Reference } from "../chain/reference.ts";
import type { Share, ShareDescription } from "../chain/share.ts";
import type { Attempt } from "./attempt.ts";
import type { Expiry } from "./freshness.ts";
import type { Call, Deps, StorePlan } from "./source.ts";
import type { TokenGeneration } from "./token_generation.ts";

/** What a `Share` is within the package: it brings its steps with it, so that only a chain that shares pays for them. */
export interface ShareEngine extends Share {
  /** The keys of the credentials that it needs, by the name of its option. */
  readonly needed: Readonly<Record<string, string>>;
  readonly principal: string | Reference | undefined;
  /** How long a caller may wait for other machines in addition to the store's own timeout, in milliseconds. */
  readonly patience: number;
  /** Returns how one store of a resolver shares. */
  use(store: StorePlan, options: StorePlan["options"], deps: Deps): Sharing;
}

/** Returns how a store shares its tokens; nothing where it does not. */
export function shareOf({ options }: Pick<StorePlan, "options">): ShareEngine | undefined {
  return options.share as ShareEngine | undefined;
}

/** How one store of a resolver shares its tokens. */
export interface Sharing {
  /** Returns how the token of one request is shared. */
  of(request: unknown, held: () => TokenGeneration | undefined): ObtainShared;
  /** Asks the engine once; returns why it cannot be used. */
  ask(call: Call): Promise<Refusal | undefined>;
  describe(): ShareDescription;
  /** Closes the connection to the engine. */
  close(): Promise<void>;
}

/**
 * Obtains a token by the engine. The attempt is returned with an answer and, if that is a token, with `shared`; a token
 * that another machine obtained counts as obtained with the attempt's needs. Never rejects.
 *
 * @param attempt A try that has not begun: its `need` resolves what the store needs.
 * @param mint Asks the store itself, within the store's timeout.
 */
export type ObtainShared = <T>(
  attempt: Attempt<T>,
  mint: (attempt: Attempt<T>) => MaybePromise<Attempt<T>>,
  call: Call,
) => Promise<Attempt<T>>;

/** What is known of a token that is shared. */
export interface SharedNotes extends Expiry {
  readonly how: Shared;
  /** When the request for it began, by this machine's clock. */
  readonly since: number;
  /** How many tokens in a row before it were replaced because a service refused them. */
  readonly refusals: number;
  /**
   * This machine's place in the renewal windows, at least 0 and less than 1: the machines of a fleet have one expiry, and
   * must not all look at one instant.
   */
  readonly place: number;
  /** Present where the held token goes on being used while another machine renews it: when to look again. */
  readonly lookAt?: number;
}
