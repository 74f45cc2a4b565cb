import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { undecidedOf } from "./undecided.ts";

/** A credential that stores of another one need. */
export interface Needed {
  /** The stores that need it. */
  readonly stores: readonly string[];
  readonly credential: CredentialDescription;
}

/**
 * Lists what the stores of a credential need themselves, each needed credential once. Stores that are off need nothing.
 *
 * @param credential The credential.
 * @param description The description that it is part of.
 * @param names The stores that count; by default all of the credential.
 * @returns The needed credentials, in the order of the stores.
 */
export function neededFor(
  { from }: Pick<CredentialDescription, "from">,
  { stores, credentials }: ChainDescription,
  names: readonly string[] = from.map(({ store }) => store),
): readonly Needed[] {
  const needing = new Map<string, string[]>();
  for (const name of names) {
    const { state, needs = [] } = stores.find((store) => store.name === name) ?? {};
    for (const key of state === "off" ? [] : needs) needing.set(key, [...needing.get(key) ?? [], name]);
  }
  return [...needing].flatMap(([key, stores]) => {
    const credential = credentials.find((each) => each.key === key);
    return credential ? { stores, credential } : [];
  });
}

/** Why a credential cannot be had: one that its stores need, at any depth. */
export interface Cause {
  /** The store of the credential that cannot answer without it. */
  readonly store: string;
  /** The credential that has failed by itself. */
  readonly root: CredentialDescription;
  /** The credential whose store needs that one. */
  readonly above: CredentialDescription;
  /** What is wrong with it: `off` where all of its stores are, `missing`, or the code of its error. */
  readonly state: string;
}

/** Returns the needed credential because of which another one fails, or will; nothing where it fails by itself, or does not. */
export function causeOf(credential: CredentialDescription, description: ChainDescription): Cause | undefined {
  const { held, last, from } = credential;
  if (held || !last || last.error === "not_found") return undefined;
  const unasked = last.error === undefined ? undecidedOf(credential).unasked : [];
  for (const { store } of from) {
    const failed = last.trace.find((step) => step.store === store && step.outcome === last.error);
    if (!failed && !unasked.includes(store)) continue;
    for (const { credential: needed } of neededFor(credential, description, [store])) {
      if (failed && !isBecauseOf(failed.detail, needed)) continue;
      const { root, above } = causeOf(needed, description) ?? { root: needed, above: credential };
      const state = failureOf(root, description);
      if (state !== undefined) return { store, root, above, state };
    }
  }
  return undefined;
}

function failureOf({ held, last, from }: CredentialDescription, { stores }: ChainDescription): string | undefined {
  if (held || last?.error !== "not_found") return held ? undefined : last?.error;
  const isOff = from.every(({ store }) => stores.some(({ name, state }) => name === store && state === "off"));
  return isOff ? "off" : "missing";
}

/** Whether a store failed because of a credential that it needs, or by what that one failed by as well. */
function isBecauseOf(detail: string | undefined, { key, last }: CredentialDescription): boolean {
  if (detail === undefined || last?.error === undefined) return false;
  return detail.startsWith(`needs "${key}": `) ||
    last.trace.some((step) => step.outcome === last.error && step.detail === detail);
}

/** Says what keeps a store from answering: `login needs vault:role, which is missing`. */
export function causeText({ store, root, state }: Cause): string {
  return `${store} needs ${root.key}, which is ${state}`;
}

/** A credential by which a failure is told, and those that fail because of it. */
export interface Failure {
  readonly credential: CredentialDescription;
  readonly dependants: readonly string[];
}

/**
 * Traces credentials that cannot be had to those by which that is told, each once: to one that failed by itself, or, where no
 * store has that, to the one whose store needs it, since that store is not passed over.
 */
export function failuresOf(
  credentials: readonly CredentialDescription[],
  description: ChainDescription,
): readonly Failure[] {
  const dependants = new Map<CredentialDescription, string[]>();
  for (const credential of credentials) {
    const cause = causeOf(credential, description);
    const told = cause ? cause.root.last!.error === "not_found" ? cause.above : cause.root : credential;
    const known = dependants.get(told) ?? [];
    dependants.set(told, told === credential ? known : [...known, credential.key]);
  }
  return [...dependants].map(([credential, dependants]) => ({ credential, dependants }));
}

/** Returns the credentials that have failed by themselves, and because of which these fail, each once. */
export function rootsOf(
  credentials: readonly CredentialDescription[],
  description: ChainDescription,
): readonly CredentialDescription[] {
  return [...new Set(credentials.map((credential) => causeOf(credential, description)?.root ?? credential))];
}
