import { HeldCredential } from "./credential.ts";
import { list } from "./errors.ts";
import { isAddress } from "./judge.ts";
import type { CredentialPlan } from "./plan.ts";
import { present } from "./shapes/shape.ts";
import type { Failed, Filled } from "./walk.ts";

/** How many different defaults of one credential stay the same object. */
const MOST = 16;

/** Credentials made of callers' defaults, so that an equal default is the same object again. */
export class KnownDefaults {
  readonly #byKey = new Map<string, HeldCredential[]>();

  /** The credential of a default, after a walk that found nothing. */
  credential(plan: CredentialPlan, given: Readonly<Record<string, unknown>>, failed: Failed): HeldCredential {
    const filled = fill(plan, given, failed);
    const made = { ...filled, source: "default", degraded: failed.degraded, expiresAt: Infinity, trace: failed.trace };
    const known = this.#byKey.get(plan.key) ?? [];
    const same = known.find((credential) => credential.equals(made));
    if (same) return same;
    const credential = new HeldCredential(plan.key, plan.names, made);
    this.#byKey.set(plan.key, [credential, ...known].slice(0, MOST));
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
    const own = Object.hasOwn(given, name) && present(given[name]) ? given[name] : undefined;
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
      throw new TypeError(`Cannot use the default of "${key}": ${name} is no URL, or has user info in it`);
    }
  }
  return { values, raw: values, sources };
}
