import type { MaybePromise } from "../chain/eventually.ts";
import type { Shared } from "../chain/outcome.ts";
import type { Expiry } from "./freshness.ts";

/** What is looked at before a token is used again. */
export interface LookedAt {
  /** Until when it need not be looked at again. */
  readonly until: number;
  /** Looks whether it is another one now. */
  look(call: object): MaybePromise<boolean>;
}

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
  /** The seal: once it is another one, so is the name of the token. */
  readonly seal?: LookedAt | undefined;
  /**
   * Present where the held token goes on being used while another machine renews it: when to look again. The answer itself
   * does not count then.
   */
  readonly lookAt?: number | undefined;
}
