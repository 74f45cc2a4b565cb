import type { Refusal } from "../../core/chain/outcome.ts";

/**
 * What the machines of a fleet know about one token. All moments are by the engine's clock, in milliseconds since 1970.
 */
export interface Entry {
  readonly token?: EntryToken;
  readonly lease?: Lease;
  /** Why the last try failed; absent after one that succeeded. */
  readonly failure?: EntryFailure;
}

/** A token that one machine obtained for all. */
export interface EntryToken {
  /** Higher than that of every earlier token, even if the entry was lost meanwhile: at least the time. */
  readonly number: number;
  readonly values: Readonly<Record<string, unknown>>;
  /** How long it is valid in all, in milliseconds; `null` if it does not expire. */
  readonly lifetime: number | null;
  /** When it expires; `null` if it does not. */
  readonly end: number | null;
  /** Whether the server stated the lifetime. */
  readonly stated: boolean;
  /** How many in a row before it were replaced because a service refused them. */
  readonly refusals: number;
}

/** A machine that is obtaining the token. */
export interface Lease {
  readonly owner: string;
  readonly since: number;
  /** Counts the heartbeats of its owner. */
  readonly beat: number;
}

/** A failure that counts for the fleet. */
export interface EntryFailure extends Pick<Refusal, "outcome" | "detail" | "need"> {
  /** The machine that failed; preferably another one tries next. */
  readonly owner: string;
  readonly at: number;
  /** Until when nobody tries again. */
  readonly until: number;
  /** How many failures in a row there were before it. */
  readonly before: number;
}
