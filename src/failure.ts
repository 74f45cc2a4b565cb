import { CredentialError, type CredentialErrorCode, list } from "./errors.ts";
import { denied, invalid, type Refusal, type Step, unavailable } from "./outcome.ts";
import type { CredentialPlan, Source } from "./plan.ts";
import type { Failed } from "./walk.ts";

/** The declared names that would make a source have the identity, the fewest that do. */
export function namesToSupply({ required, anyOf, fields }: CredentialPlan, { reader }: Source): readonly string[] {
  const must = required.map((at) => reader.names[at]).filter((name) => name !== undefined);
  if (must.length > 0) return must;
  const any = anyOf.length > 0 ? anyOf : fields.map((_, at) => at).filter((at) => fields[at]!.identity);
  return any.map((at) => reader.names[at]).filter((name) => name !== undefined).slice(0, 1);
}

/** The sources that a person can put a credential into. */
function suppliable({ sources }: CredentialPlan): readonly Source[] {
  return sources.filter(({ serves, store }) => serves && store.shape.name !== "token");
}

/** The declared names that would satisfy a credential after a walk that failed. */
export function missingOf(plan: CredentialPlan, { code, by }: Failed): readonly string[] {
  if (by?.missing) return by.missing;
  return code === "not_found" ? suppliable(plan).flatMap((source) => namesToSupply(plan, source)) : [];
}

/** What to supply or to switch on, in a sentence. */
function remedy(plan: CredentialPlan, trace: readonly Step[]): string {
  const off = trace.filter(({ outcome }) => outcome === "off");
  const ways = suppliable(plan).filter(({ store }) => off.every((step) => step.store !== store.name))
    .map((source) => `${list(namesToSupply(plan, source))} in ${source.store.name}`);
  if (ways.length > 0) return `supply ${list(ways, "or")}`;
  const reasons = off.map(({ store, detail }) => `"${store}" is off: ${detail}`);
  return reasons.length > 0 ? list(reasons) : "no store that is mapped can be supplied by hand";
}

/** Why a walk failed, in a sentence. */
export function reasonOf(plan: CredentialPlan, { code, by, trace }: Failed): string {
  if (!by || code === "not_found") return `no store has it: ${remedy(plan, trace)}`;
  const missing = by.missing ? `: expected ${list(by.missing)}` : "";
  return `"${by.source.store.name}" is ${code}${by.detail ? `: ${by.detail}` : ""}${missing}`;
}

/** The error that a failed walk is for a caller. */
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

/** What a need that can't be met makes of the store that has it. */
export function needRefusal(plan: CredentialPlan, failed: Failed): Refusal {
  const detail = `needs "${plan.key}": ${reasonOf(plan, failed)}`;
  if (failed.code === "denied") return denied(detail);
  return failed.code === "unavailable" ? unavailable(detail) : invalid(detail);
}
