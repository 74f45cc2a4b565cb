import type { CredentialErrorCode } from "../errors.ts";
import { type Insides, insides } from "../insides.ts";
import type { CredentialPlan } from "../plan.ts";
import type { KeyOf, Resolver } from "../resolver.ts";
import { type Finding, lint } from "./lint.ts";

/** Whether credentials can be had, and what is wrong with the chain. It never holds a value. @category Reports */
export interface CheckReport {
  /** The form of this object. */
  readonly version: 1;
  /** Whether there is nothing to mend. */
  readonly ok: boolean;
  /** The credentials that were checked. */
  readonly credentials: readonly CheckedCredential[];
  /** What is wrong with the chain. */
  readonly findings: readonly Finding[];
}

/** Whether one credential can be had. @category Reports */
export interface CheckedCredential {
  /** Its key. */
  readonly key: string;
  /** Whether a store gives it. */
  readonly ok: boolean;
  /** The store that gives it. */
  readonly source?: string;
  /** Whether a store that should have answered couldn't. */
  readonly degraded?: true;
  /** Why it can't be had. */
  readonly code?: CredentialErrorCode;
  /** The declared names that would satisfy it. */
  readonly missing?: readonly string[];
  /** Why it can't be had, in a sentence. */
  readonly reason?: string;
  /** Only stores that are switched off serve it, or need it: that it can't be had is no finding. */
  readonly unused?: true;
}

/**
 * Checks credentials by resolving them, and the chain by `lint`: for CI, and for a service that starts.
 *
 * @typeParam C The chain's credentials.
 * @param resolver The resolver; what it resolves is kept as ever.
 * @param keys The credentials; all of the chain where left out, and then what is wrong with its stores counts too.
 * @returns What can be had, and what can't.
 * @throws {CredentialError} Where the chain has no such credential (`unknown_key`).
 *
 * @example
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { check } from "@alphaswarm/credentials/report";
 *
 * const resolver = createResolver(defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: { "neo4j:basic": { fields: { password: required() }, from: { env: { prefix: "NEO4J_" } } } },
 * }), { env: {} });
 * const { ok, credentials } = await check(resolver);
 * console.log(ok, credentials[0]?.code); // false, "not_found"
 * ```
 * @category Reports
 */
export async function check<C>(resolver: Resolver<C>, keys?: readonly (keyof C & string)[]): Promise<CheckReport> {
  const inside = insides(resolver);
  const checked = keys ?? [...inside.plan.credentials.keys()] as KeyOf<C>[];
  const credentials = await Promise.all(checked.map((key) => checkOne(resolver, inside, key)));
  const findings = lint(resolver).filter(({ key }) => keys === undefined || keys.some((each) => each === key));
  const ok = findings.length === 0 && credentials.every(({ ok, unused }) => ok || unused);
  return { version: 1, ok, credentials, findings };
}

async function checkOne<C>(resolver: Resolver<C>, inside: Insides, key: KeyOf<C>): Promise<CheckedCredential> {
  try {
    const { source, degraded } = await resolver.resolve(key);
    return { key, ok: true, source, ...(degraded ? { degraded } : {}) };
  } catch (error) {
    const { name, code, missing, message } = error as Failure;
    if (name !== "CredentialError" || code === "unknown_key") throw error;
    return {
      key,
      ok: false,
      code,
      ...(missing.length > 0 ? { missing } : {}),
      reason: message.slice(message.indexOf(": ") + 2),
      ...(isUnused(inside, inside.plan.credentials.get(key)!) ? { unused: true } : {}),
    };
  }
}

interface Failure extends Error {
  readonly code: CredentialErrorCode;
  readonly missing: readonly string[];
}

function isUnused({ plan, stores }: Insides, { key, sources }: CredentialPlan): boolean {
  const off = (name: string) => stores.get(name)!.open.state === "off";
  const serving = sources.filter(({ serves }) => serves);
  const needing = plan.stores.filter(({ store }) => store.needs.includes(key));
  return serving.length > 0 && serving.every(({ store }) => off(store.name)) ||
    needing.length > 0 && needing.every(({ name }) => off(name));
}
