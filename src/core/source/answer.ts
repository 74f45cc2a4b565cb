import type { Version } from "../chain/answer.ts";
import type { Credential } from "../chain/credential.ts";
import type { Refusal, Shared } from "../chain/outcome.ts";
import type { ExpiredPolicy } from "../chain/store.ts";

// What a look-up's value becomes, in order: a `Reply` (attempt.ts: with its time and its needs), a `Reading` (its
// fields), an `Answer` (and how long it is used), a `Verdict` (verdict.ts: judged as a credential), a `Step` of the
// trace.

/** A store that is not asked, and why. */
export interface Off {
  readonly outcome: "off";
  readonly detail: string;
}

/** A store that has nothing. */
export interface Nothing {
  readonly outcome: "miss";
  /** Why there is nothing: the directory does not exist. */
  readonly detail?: string;
}

/** Field values as a store has them, by the field's index; an absent one is `undefined`. */
export interface FieldValues {
  readonly outcome: "found";
  readonly values: readonly unknown[];
  /** The declared name under which each field was looked for. */
  readonly names: readonly (string | undefined)[];
  /** The declared names of the parts that a template lacked while others were there. */
  readonly missingParts?: readonly string[];
  /** Says what is there although none of the identity was found: a document in another form, which is not a miss. */
  readonly unrecognized?: string;
}

/** The result of reading a store, before it is judged as a credential. */
export type Reading = Off | Nothing | FieldValues | Refusal;

/** The reading of a store that has nothing; always the same object. */
export const NOTHING: Nothing = { outcome: "miss" };

/** A needed credential with which an answer was obtained, or should have been. */
export interface Need {
  /** Absent if it could not be resolved. */
  readonly credential?: Pick<Credential, "degraded" | "expiresAt" | "generation">;
  readonly key: string;
  /** Until when it need not be resolved again. */
  readonly until: number;
  /** What the credential was ultimately obtained from: the same after a mere renewal, different after a rotation. */
  readonly provenance: readonly unknown[];
  /** Its token; a renewal gives another one too. */
  readonly generation?: Generation | undefined;
}

/** Returns a need that could not be resolved. */
export function unmet(key: string): Need {
  return { key, until: Infinity, provenance: [] };
}

/** Whether a needed credential was rotated; one that was merely renewed, or is only degraded now, was not. */
export function wasRotated(now: Need, before: Need): boolean {
  const { length } = before.provenance;
  return now.provenance.length !== length || now.provenance.some((item, at) => item !== before.provenance[at]);
}

/** Whether a need gives a different credential from the one that was refused; a renewed token is a different one. */
export function isAnother(now: Need, before: Need): boolean {
  return now.generation !== before.generation || wasRotated(now, before);
}

// Hint: a permanent refusal must not obtain one token after the other, nor two stores in turn.
/**
 * Whether a refused need is replaced now. If it is itself the replacement of a refused one, a token is replaced only
 * after its pause, and a static credential only if it is not read again by itself.
 *
 * @param refused The need.
 * @param renewed What took the place of the latest that was refused, if the store has not answered since.
 * @param now The time.
 */
export function mayReplace(refused: Need, renewed: Need | undefined, now: number): boolean {
  if (!renewed) return true;
  return refused.generation?.isOld(now) ?? (refused.until === Infinity || isAnother(refused, renewed));
}

/** Whether one of these needed credentials is degraded. */
export function hasDegraded(needs: readonly Need[]): boolean {
  return needs.some(({ credential }) => credential?.degraded);
}

/** Tells the resolver that a needed credential was refused. */
export type PassOn = (need: Need) => void;

/** A token until it is replaced by its renewal, as the credentials that were assembled from it see it. */
export interface Generation {
  /** Whether a credential with which it was obtained is degraded. */
  readonly degraded: boolean;
  /** Whether it was refused, so that it must be renewed before it is returned again. */
  readonly invalidated: boolean;
  /** What it was obtained with, as it was then. */
  readonly obtainedWith: readonly Need[];
  /** What was asked for, and what was given. */
  readonly request: unknown;
  readonly values: Readonly<Record<string, unknown>>;
  /** How it was obtained, if it is shared. */
  readonly how?: Shared | undefined;
  /** When the request for it began. */
  readonly since: number;
  /** The key of the need that ends it, if that expires before it would. */
  readonly endsWith?: string | undefined;
  /** When its renewal is due. */
  readonly renewsAt: number;
  /** Whether it may be returned while another caller renews it. */
  servable(now: number): boolean;
  /**
   * Whether it may be replaced although the store refused those before it too: they are replaced at growing intervals.
   */
  isOld(now: number): boolean;
  /** Lets it be replaced at once even if those before it were refused; returns whether they were. */
  endPause(): boolean;
  /** Invalidates it, once, and passes on every credential that it was obtained with. */
  invalidate(passOn: PassOn): void;
}

/** The answer of one source, before it is judged. */
export interface Answer {
  readonly reading: Reading;
  /** Until when it need not be asked again. */
  readonly until: number;
  readonly expiresAt?: number | undefined;
  readonly ms?: number | undefined;
  readonly version?: Version | undefined;
  readonly needs?: readonly Need[] | undefined;
  readonly generation?: Generation | undefined;
  /** Why the reading is an earlier one: the store could not be asked. */
  readonly staleBecause?: Refusal | undefined;
  /** Present if a token has expired and could not be renewed. */
  readonly expired?: Expired | undefined;
}

/** A token that has expired. */
export interface Expired {
  readonly policy: ExpiredPolicy;
  /** Its values, if they are a last resort. */
  readonly values: FieldValues | undefined;
}

// Hint: created by a pure call, since bundlers keep an object literal that reads the global `Infinity`.
/** The answer of a store that has nothing until it is invalidated, like most stores of a long chain. */
export const NOTHING_HERE: Answer = /* @__PURE__ */ answerOf(NOTHING, Infinity);

function answerOf(reading: Reading, until: number): Answer {
  return { reading, until };
}
