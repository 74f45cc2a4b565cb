import type { Policy } from "../../../mod.ts";
import type { StoreDecl } from "./declaration.ts";
import type { Generation } from "./generation.ts";
import type { Found, Reading, Refusal } from "./reading.ts";

/** A needed credential, as it was when a store used it. */
export interface Need {
  readonly key: string;
  /** Absent if it could not be resolved. */
  readonly credential?: { readonly degraded: boolean; readonly values: object; readonly expiresAt: number };
  /** Until when it need not be resolved again. */
  readonly until: number;
  /** What it was ultimately obtained from. */
  readonly provenance: readonly string[];
  /** Which of its values it has, in a row of changes. */
  readonly revision?: number;
  readonly generation?: Generation | undefined;
}

/** Whether a need was rotated: its values come from something else than before. */
export function wasRotated(now: Need, before: Need): boolean {
  return now.provenance.join() !== before.provenance.join();
}

/** Whether something else took the place of a need; if a store's tokens end with it, other values are something else. */
export function wasReplaced({ binds }: StoreDecl, now: Need, before: Need): boolean {
  return wasRotated(now, before) || binds === true && now.revision !== before.revision;
}

/** Whether a need gives another credential; a token that was renewed is another one. */
export function isAnother(now: Need, before: Need): boolean {
  return now.generation !== before.generation || wasRotated(now, before);
}

/** Returns a need that could not be resolved. */
export function unmet(key: string): Need {
  return { key, until: Infinity, provenance: [] };
}

/** The answer of one store for one credential. */
export interface Answer {
  readonly reading: Reading;
  /** Until when the store need not be asked again. */
  readonly until: number;
  readonly expiresAt?: number | undefined;
  readonly needs?: readonly Need[] | undefined;
  readonly generation?: Generation | undefined;
  /** Why an earlier reading stands in for one that could not be had. */
  readonly staleBecause?: Refusal | undefined;
  /** What has expired and could not be renewed. */
  readonly expired?: Found | undefined;
  /** What the chain says to an expiry that is past. */
  readonly expiredPolicy?: "serve" | Policy | undefined;
}
