import type { CredentialErrorCode } from "../../../mod.ts";
import type { Need } from "./answer.ts";
import type { CredentialDecl } from "./declaration.ts";
import { type Generation, invalidateToken } from "./generation.ts";
import type { StaticMemory } from "./static_answers.ts";
import type { Flight } from "./tasks.ts";
import type { Step, Supplied, Walked } from "./walk.ts";

/** A credential as the model gives it: an object, so that the same one can be told from an equal one. */
export interface ModelCredential {
  readonly key: string;
  readonly source: string;
  readonly values: Readonly<Record<string, Supplied>>;
  readonly degraded: boolean;
  readonly expiresAt: number;
  /** Counts the values of its key. */
  readonly generation: number;
  readonly steps: readonly Step[];
}

/** The result of a walk: a credential, or why there is none. */
export type Result = { readonly credential: ModelCredential } | { readonly failed: Walked };

/** What is kept of one credential. */
export interface Hold {
  decl: CredentialDecl;
  /** What is remembered of it in each static store. */
  memories: Map<string, StaticMemory>;
  /** What may be given while it is fresh. */
  held?: ModelCredential | undefined;
  /** The latest credential, also while it may not be given. */
  latest?: ModelCredential | undefined;
  resolvedAt: number;
  until: number;
  last?: { readonly at: number; readonly error?: CredentialErrorCode; readonly walked: Walked } | undefined;
  /** The latest walk that found it, and the latest one that did not. */
  found?: Walked | undefined;
  failed?: Walked | undefined;
  /** Counts its values, also those that are not kept and those of defaults. */
  generations: number;
  /** Counts what ends the validity of a walk in progress. */
  epoch: number;
  invalidated: boolean;
  flight?: Flight<Result> | undefined;
}

/** Creates a hold of which nothing is known. */
export function emptyHold(decl: CredentialDecl): Hold {
  return { decl, memories: new Map(), resolvedAt: 0, until: 0, generations: 0, epoch: 0, invalidated: false };
}

/** Whether the result of the last walk still counts. */
export function isRecent(now: number, { until, resolvedAt }: Hold): boolean {
  return until === Infinity || now < until && now >= resolvedAt;
}

/** What a credential was ultimately obtained from. */
export function provenanceOf({ decl, latest, found }: Hold): readonly string[] {
  const own = found?.generation ? found.source! : `${decl.key} ${latest?.generation}`;
  return [own, ...(found?.needs ?? []).flatMap(({ provenance }) => provenance)];
}

/** The credential of a hold as a need. */
export function needOf(hold: Hold, credential: ModelCredential): Need {
  const { until, found, decl: { key } } = hold;
  return {
    key,
    credential: { degraded: credential.degraded, values: credential.values, expiresAt: credential.expiresAt },
    until,
    provenance: provenanceOf(hold),
    revision: credential.generation,
    generation: found?.generation,
  };
}

/** Whether what was given for a need is still what is held. */
export function isCurrent({ held, found }: Hold, { credential, generation }: Need): boolean {
  return !held || credential?.values === held.values && generation === found?.generation;
}

/** Begins a new epoch: the next call walks again, and a walk in progress is not kept. */
export function renewHold(hold: Hold): void {
  hold.epoch++;
  hold.until = 0;
  hold.flight = undefined;
}

/** Lets a token that is kept although it was refused be replaced at once, since a store that needs it refused it. */
export function endPause(hold: Hold): void {
  const token = generationOf(hold);
  if (!token) return;
  token.replaced = 0;
  if (!token.refusals) return;
  token.refusals = 0;
  if (hold.invalidated) renewHold(hold);
}

/** Invalidates what is held, once, and passes on what it was obtained with; returns whether it did. */
export function invalidateHold(hold: Hold, passOn: (need: Need) => void): boolean {
  const found = hold.held && hold.found;
  if (hold.invalidated && found) return false;
  hold.invalidated = true;
  renewHold(hold);
  if (found?.generation) invalidateToken(found.generation, passOn);
  else (found ?? hold.failed)?.needs.forEach(passOn);
  return true;
}

/** Whether two credentials have the same values, from the same stores. */
export function hasSameValues(a: ModelCredential | undefined, b: ModelCredential): boolean {
  if (a?.source !== b.source) return false;
  return [...new Set([...Object.keys(a.values), ...Object.keys(b.values)])].every((field) => {
    const [mine, other] = [a.values[field], b.values[field]];
    return mine?.raw === other?.raw && mine?.source === other?.source;
  });
}

/** Whether two credentials are equal in everything that makes a new object. */
export function isEqual(a: ModelCredential | undefined, b: ModelCredential): boolean {
  return a?.degraded === b.degraded && a.expiresAt === b.expiresAt && hasSameValues(a, b);
}

/** Returns the token of a hold. */
export function generationOf({ found }: Hold): Generation | undefined {
  return found?.generation;
}
