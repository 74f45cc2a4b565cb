import { isAddress } from "../chain/endpoint.ts";
import { list } from "../chain/errors.ts";
import { MAX_DEFAULTS } from "../chain/limits.ts";
import { ownMember, present } from "../source/mapping.ts";
import { byDefault, HeldCredential, type Supplied } from "./held_credential.ts";
import type { CredentialPlan } from "./credential_plan.ts";
import type { Hold } from "./hold.ts";
import type { Failed } from "./walk.ts";

/**
 * Returns the credential of a caller's default, after a walk that found nothing: an equal default gives the same object.
 *
 * @param kept The credentials of earlier defaults, by key.
 * @param hold The hold of the credential.
 * @param given The default.
 * @param failed The walk that found nothing.
 * @returns The credential.
 * @throws {TypeError} If the default lacks a field of the identity, or has a destination that is not a URL.
 */
export function defaultCredential(
  kept: Map<string, readonly HeldCredential[]>,
  hold: Pick<Hold, "plan" | "generations">,
  given: Readonly<Record<string, unknown>>,
  failed: Failed,
): HeldCredential {
  const { plan } = hold;
  const { degraded, trace } = failed;
  const assembled = { supplied: fill(plan, given, failed), source: "default", degraded, expiresAt: Infinity, trace };
  const known = kept.get(plan.key) ?? [];
  const same = known.find((each) => each.updated(assembled) === each);
  if (same) return same;
  const credential = known.find((each) => each.updated(assembled))?.updated(assembled) ??
    new HeldCredential(plan, assembled, ++hold.generations);
  kept.set(plan.key, [credential, ...known].slice(0, MAX_DEFAULTS));
  return credential;
}

function fill(
  { key, fields, required, anyOf }: CredentialPlan,
  given: Readonly<Record<string, unknown>>,
  failed: Failed,
): readonly (Supplied | undefined)[] {
  const supplied = fields.map(({ name, identity, default: fallback }, at): Supplied | undefined => {
    const own = ownMember(given, name);
    if (present(own)) return byDefault(own);
    return identity ? undefined : failed.supplied[at] ?? byDefault(fallback);
  });
  const absent = (at: number) => !supplied[at];
  const lacking = [...required.filter(absent), ...anyOf.every(absent) ? anyOf : []];
  const names = lacking.map((at) => fields[at]!.name);
  if (names.length > 0) throw new TypeError(`Cannot use the default of "${key}": it lacks ${list(names)}`);
  for (const [at, { name, presence }] of fields.entries()) {
    if (presence === "destination" && !absent(at) && !isAddress(supplied[at]!.value)) {
      throw new TypeError(`Cannot use the default of "${key}": ${name} is not a URL, or contains user info`);
    }
  }
  return supplied;
}
