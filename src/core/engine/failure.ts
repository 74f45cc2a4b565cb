import { CredentialError, type CredentialErrorCode, type CredentialErrorDetails, list } from "../chain/errors.ts";
import { denied, invalid, type Refusal, type Step, unavailable } from "../chain/outcome.ts";
import { correction } from "../chain/unknown_name.ts";
import type { CredentialPlan } from "./credential_plan.ts";
import type { PlannedSource } from "./verdict.ts";
import type { Failed } from "./walk.ts";

/**
 * Returns the declared names that would give a source the identity: all required ones, and the first of the
 * alternatives.
 *
 * @param plan The credential.
 * @param source One of its sources.
 * @param alternatives How many of the alternatives are listed.
 * @returns The names, the required ones first.
 */
export function namesToSupply(
  { required, anyOf, identity }: CredentialPlan,
  { reader }: PlannedSource,
  alternatives = 1,
): readonly string[] {
  const named = (fields: readonly number[]) => fields.flatMap((at) => reader.names[at] ?? []);
  const oneOf = anyOf.length > 0 ? anyOf : identity;
  const isMet = required.some((at) => oneOf.includes(at));
  return [...named(required), ...named(isMet ? [] : oneOf).slice(0, alternatives)];
}

/** Returns the sources that a person can put a credential into. */
function suppliable({ sources }: CredentialPlan): readonly PlannedSource[] {
  return sources.filter(({ mapsIdentity, store }) => mapsIdentity && !store.shape.issued);
}

/** Returns the declared names that would complete a credential after a failed walk. */
export function missingOf(plan: CredentialPlan, { by }: Failed): readonly string[] {
  if (by) return by.missing ?? [];
  return suppliable(plan).flatMap((source) => namesToSupply(plan, source));
}

/** Says what to supply or to switch on. */
function remedy(plan: CredentialPlan, trace: readonly Step[]): string {
  const off = trace.filter(({ outcome }) => outcome === "off");
  const ways = suppliable(plan).filter(({ store }) => off.every((step) => step.store !== store.name))
    .map((source) => `${list(namesToSupply(plan, source))} in "${source.store.name}"`);
  if (ways.length > 0) return `supply ${list(ways, "or")}`;
  return off.map(({ store, detail }) => `"${store}" is off: ${detail}`).join("; ") ||
    "map it in a store that can hold it";
}

/** Says why a walk failed. */
export function reasonOf(plan: CredentialPlan, { code, by, trace }: Failed): string {
  if (!by) return `no store has it: ${remedy(plan, trace)}`;
  const missing = by.missing ? `: supply ${by.supply}` : "";
  return `"${by.source.store.name}" is ${code}${by.detail ? `: ${by.detail}` : ""}${missing}`;
}

/** Returns the error of a failed walk for a caller. */
export function errorOf(
  plan: CredentialPlan,
  failed: Failed,
  code: CredentialErrorCode = failed.code,
): CredentialError {
  const reason = code === "default_forbidden"
    ? `no store has it, and the chain forbids defaults: ${remedy(plan, failed.trace)}`
    : reasonOf(plan, failed);
  return new CredentialError(code, reason, { key: plan.key, trace: failed.trace, missing: missingOf(plan, failed) });
}

/** Returns the refusal for a store whose need cannot be met. */
export function needRefusal(plan: CredentialPlan, failed: Failed): Refusal {
  const { key } = plan;
  const refuse = failed.code === "denied" ? denied : failed.code === "unavailable" ? unavailable : invalid;
  return { ...refuse(`needs "${key}": ${reasonOf(plan, failed)}`), key };
}

/** Returns the error for a key that the chain does not have. */
export function unknownKeyError(
  keys: Iterable<string>,
  key: string,
  action: CredentialErrorDetails["action"] = "resolve",
): CredentialError {
  const reason = `the chain has no such credential${correction([key, [...keys], "credentials"])}`;
  return new CredentialError("unknown_key", reason, { key, action });
}
