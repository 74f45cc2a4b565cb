import type { Step } from "../core/chain/outcome.ts";
import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { undecidedOf } from "./undecided.ts";

/** A credential that the stores of another credential need. */
export interface Needed {
  /** The stores that need it. */
  readonly stores: readonly string[];
  readonly credential: CredentialDescription;
}

/**
 * Lists the credentials that the stores of a credential need, each once. Stores that are off need nothing.
 *
 * @param credential The credential.
 * @param description The description that it is part of.
 * @param names The stores that count; by default all stores of the credential.
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

/** Why a credential is not available: another one that its stores need, at any depth. */
export interface Cause {
  /** The store of the credential that cannot answer without it. */
  readonly store: string;
  /** The credential that has failed by itself. */
  readonly root: CredentialDescription;
  /** The credential whose store needs that one. */
  readonly above: CredentialDescription;
  /** What is wrong with it: `off` if all of its stores are, `missing`, or the code of its error. */
  readonly state: string;
}

/**
 * Returns the needed credential that makes another one fail, or will; `undefined` if it fails by itself, or does not
 * fail.
 */
export function causeOf(credential: CredentialDescription, description: ChainDescription): Cause | undefined {
  const { held, last, from } = credential;
  if (held || !last || last.error === "not_found") return undefined;
  const unasked = last.error === undefined ? undecidedOf(credential).unasked : [];
  for (const { store } of from) {
    const failed = last.trace.find((step) => step.store === store && step.outcome === last.error);
    if (!failed && !unasked.includes(store)) continue;
    for (const { credential: needed } of neededFor(credential, description, [store])) {
      if (failed && failed.need !== needed.key && !lackTheSame(failed, needed, description)) continue;
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

/** Whether a store and one that made a credential fail cannot be opened because of the same missing variable. */
function lackTheSame({ store }: Step, { last }: CredentialDescription, { stores }: ChainDescription): boolean {
  const lackedBy = (name: string): readonly string[] => {
    const { state, references = [] } = stores.find((each) => each.name === name) ?? {};
    return state === "invalid" ? references.filter(({ set }) => !set).map(({ variable }) => variable) : [];
  };
  const lacked = lackedBy(store);
  return last?.trace.some((step) =>
    step.outcome === last.error && lackedBy(step.store).some((variable) => lacked.includes(variable))
  ) ?? false;
}

/** Says what keeps a store from answering: `login needs vault:role, which is missing`. */
export function causeText({ store, root, state }: Cause): string {
  return `${store} needs ${root.key}, which is ${state}`;
}

/** A credential that a failure is reported for, and those that fail because of it. */
export interface Failure {
  readonly credential: CredentialDescription;
  readonly dependants: readonly string[];
}

/**
 * Traces unavailable credentials to those that their failure is reported for, each once: to the one that failed by
 * itself, or, if no store has that, to the one whose store needs it, since that store is not passed over.
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

/** Returns the credentials that failed by themselves and made these fail, each once. */
export function rootsOf(
  credentials: readonly CredentialDescription[],
  description: ChainDescription,
): readonly CredentialDescription[] {
  return [...new Set(credentials.map((credential) => causeOf(credential, description)?.root ?? credential))];
}
