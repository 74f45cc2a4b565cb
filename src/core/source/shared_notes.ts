import type { MaybePromise } from "../chain/eventually.ts";
import type { Shared } from "../chain/outcome.ts";
import type { Expiry } from "./freshness.ts";

/** What is checked before a token is used again. */
export interface LookedAt {
  /** Until when it need not be checked again. */
  readonly until: number;
  /** Checks whether it is another one now. */
  look(call: object): MaybePromise<boolean>;
}

/** What is known about a shared token. */
export interface SharedNotes extends Expiry {
  readonly how: Shared;
  /** When the request for it began, by this machine's clock. */
  readonly since: number;
  /** How many tokens in a row before it were replaced because a service refused them. */
  readonly refusals: number;
  /**
   * This machine's place in the renewal windows, at least 0 and less than 1: the machines of a fleet share one expiry,
   * and must not all ask at one instant.
   */
  readonly place: number;
  /** The seal: when it changes, so does the name of the token. */
  readonly seal?: LookedAt | undefined;
  /**
   * When to ask again, if the held token stays in use while another machine renews it. The answer itself does not count
   * then.
   */
  readonly lookAt?: number | undefined;
}
