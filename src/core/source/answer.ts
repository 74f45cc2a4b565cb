import type { Refusal } from "../chain/outcome.ts";

/** A store that is not asked, and why. */
export interface Off {
  readonly outcome: "off";
  readonly detail: string;
}

/** A store that has nothing. */
export interface Nothing {
  readonly outcome: "miss";
}

/** Field values as a store has them, by the field's index; `undefined` is an absent one. */
export interface Values {
  readonly outcome: "found";
  readonly values: readonly unknown[];
  /** The declared name under which each field was looked for. */
  readonly names: readonly (string | undefined)[];
  /** The declared names that a template lacked while it had others. */
  readonly missingParts?: readonly string[];
}

/** What reading a store came to, before it is judged as a credential. */
export type Reading = Off | Nothing | Values | Refusal;

/** The reading of a store that has nothing: always the same object. */
export const NOTHING: Nothing = { outcome: "miss" };

/** A needed credential that an answer was obtained with. */
export interface Need {
  readonly credential: { readonly degraded: boolean };
  readonly key: string;
  /** Until when it need not be looked at again. */
  readonly until: number;
  /** What it goes back to; it stays the same when the credential is merely renewed. */
  readonly provenance: readonly unknown[];
}

/** One generation of a token, as a credential that was assembled from it sees it. */
export interface Generation {
  /** Whether a credential that it was obtained with is degraded. */
  readonly degraded: boolean;
  /** Whether it was refused, and must be renewed before it is given again. */
  readonly invalidated: boolean;
  /** When its renewal is due. */
  readonly renewsAt: number;
  /** Whether it may be given while somebody else renews it. */
  servable(now: number): boolean;
  /** Invalidates it, once, and passes every credential that it was obtained with to a function. */
  invalidate(passOn: (credential: object) => void): void;
}

/** The answer of one source, before it is judged. */
export interface Answer {
  readonly reading: Reading;
  /** Until when it need not be asked again. */
  readonly until: number;
  readonly expiresAt?: number | undefined;
  readonly ms?: number | undefined;
  readonly needs?: readonly Need[];
  readonly generation?: Generation | undefined;
  /** Why the reading is an earlier one: the store could not be asked. */
  readonly staleBecause?: Refusal | undefined;
  /** A reading that has expired and could not be renewed: a last resort. */
  readonly expired?: Values | undefined;
}

/** The answer of a store that has nothing until it is invalidated, as most stores of a long chain do. */
export const NOTHING_HERE: Answer = /* @__PURE__ */ answerOf(NOTHING, Infinity);

function answerOf(reading: Reading, until: number): Answer {
  return { reading, until };
}
