import { list } from "../chain/errors.ts";
import { ownMember, present } from "../source/mapping.ts";
import { HeldCredential } from "./held_credential.ts";
import { isAddress } from "./judge.ts";
import type { CredentialPlan } from "./plan.ts";
import type { Failed, Filled } from "./walk.ts";

/** How many different defaults of one credential are remembered. */
const MAX_DEFAULTS = 16;

/** The credentials of callers' defaults: an equal default gives the same object. */
export class DefaultCredentials {
  readonly #byKey = new Map<string, HeldCredential[]>();

  /** Returns the credential of a default, after a walk that found nothing. */
  credential(plan: CredentialPlan, given: Readonly<Record<string, unknown>>, failed: Failed): HeldCredential {
    const filled = fill(plan, given, failed);
    const assembled = {
      ...filled,
      source: "default",
      degraded: failed.degraded,
      expiresAt: Infinity,
      trace: failed.trace,
    };
    const known = this.#byKey.get(plan.key) ?? [];
    const same = known.find((credential) => credential.equals(assembled));
    if (same) return same;
    const credential = new HeldCredential(plan.key, plan.names, assembled);
    this.#byKey.set(plan.key, [credential, ...known].slice(0, MAX_DEFAULTS));
    return credential;
  }
}

function fill(
  { key, fields, required, anyOf }: CredentialPlan,
  given: Readonly<Record<string, unknown>>,
  failed: Failed,
): Filled {
  const values: unknown[] = [];
  const sources: (string | undefined)[] = [];
  for (const [at, { name, identity, fallback }] of fields.entries()) {
    const own = present(ownMember(given, name)) ? given[name] : undefined;
    values[at] = own ?? (identity ? undefined : failed.values[at] ?? fallback);
    sources[at] = own === undefined && !identity ? failed.sources[at] : undefined;
    if (values[at] !== undefined) sources[at] ??= "default";
  }
  const absent = (at: number) => values[at] === undefined;
  const lacking = [...required.filter(absent), ...(anyOf.length > 0 && anyOf.every(absent) ? anyOf : [])];
  const names = lacking.map((at) => fields[at]!.name);
  if (names.length > 0) throw new TypeError(`Cannot use the default of "${key}": it lacks ${list(names)}`);
  for (const [at, { name, presence }] of fields.entries()) {
    if (presence === "destination" && !absent(at) && !isAddress(values[at])) {
      throw new TypeError(`Cannot use the default of "${key}": ${name} is not a URL, or contains user info`);
    }
  }
  return { values, raw: values, sources };
}
