import type { CredentialErrorCode } from "../core/chain/errors.ts";
import type { Shared } from "../core/chain/outcome.ts";
import { type Access, access } from "../core/engine/access.ts";
import type { KeyOf, Resolver } from "../core/engine/resolver.ts";
import { isUnused } from "../core/engine/unused.ts";
import type { Finding } from "./finding.ts";
import { lint } from "./lint.ts";
import { missingDirectories } from "./missing_directories.ts";
import { mixedNames } from "./mixed_names.ts";
import { setInPart } from "./set_in_part.ts";
import { unsharedStores } from "./unshared_stores.ts";

/**
 * Whether credentials can be resolved, and what was found in the chain. It never holds a value.
 *
 * @example What stands in the way of ok
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { check, type CheckReport } from "@alphaswarm/credentials/report";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }), spare: env({ priority: 50 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const { ok, findings }: CheckReport = await check(getResolver(chain));
 * console.log(ok, findings.map(({ path, rule }) => [path, rule]));
 * // false, [["stores.spare", "unreachable"]]
 * ```
 * @category Reports
 */
export interface CheckReport {
  /** The version of this object's format. */
  readonly version: 1;
  /** Whether no problem was found. */
  readonly ok: boolean;
  /** The credentials that were checked. */
  readonly credentials: readonly CheckedCredential[];
  /**
   * The findings in the chain, the directories of its stores that do not exist, the partial and the mixed identities,
   * and the stores that cannot share now.
   */
  readonly findings: readonly Finding[];
}

/**
 * Whether one credential can be resolved.
 *
 * @example List what is missing
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { check, type CheckedCredential } from "@alphaswarm/credentials/report";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const { credentials } = await check(createResolver(chain, { env: {} }));
 * const lacking = credentials.filter(({ ok, unused }: CheckedCredential) =>
 *   !ok && !unused
 * );
 * console.log(lacking.map(({ key, missing }) => [key, missing]));
 * // [["neo4j:basic", ["NEO4J_PASSWORD"]]]
 * ```
 * @category Reports
 */
export interface CheckedCredential {
  /** Its key. */
  readonly key: string;
  /** Whether a store gives it. */
  readonly ok: boolean;
  /** The store that gives it. */
  readonly source?: string;
  /** Whether a store that should have answered could not. */
  readonly degraded?: true;
  /** How its token was obtained, if its store shares tokens. */
  readonly shared?: Shared;
  /** Why it cannot be resolved. */
  readonly code?: CredentialErrorCode;
  /** The declared names of what is missing. */
  readonly missing?: readonly string[];
  /** Why it cannot be resolved, in a sentence. */
  readonly reason?: string;
  /** Only stores that are off serve or need it, so failing to resolve it is not a finding. */
  readonly unused?: true;
}

/**
 * Checks credentials by resolving them, and the chain with `lint`: for CI, and for the start of a service. Without keys,
 * it asks the engine of each store that shares its tokens once. A store of variables that has several names for fields
 * is asked again, to see which of them it has.
 *
 * @typeParam C The chain's credentials.
 * @param resolver The resolver; what it resolves is held as usual.
 * @param keys The keys of the credentials; unless given, all of the chain's, and findings about stores count too.
 * @returns What can be resolved, and what cannot.
 * @throws {CredentialError} If the chain has no such credential (`unknown_key`).
 *
 * @example Check before a service starts
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { check } from "@alphaswarm/credentials/report";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, { env: {} });
 * const { ok, credentials } = await check(resolver);
 * console.log(ok, credentials[0]?.code); // false, "not_found"
 * ```
 * @category Reports
 */
export async function check<C>(resolver: Resolver<C>, keys?: readonly (keyof C & string)[]): Promise<CheckReport> {
  const resolverAccess = access(resolver);
  const { plan, open } = resolverAccess;
  const checked = keys ?? [...plan.credentials.keys()] as KeyOf<C>[];
  const credentials = await Promise.all(checked.map((key) => checkOne(resolver, { plan, open }, key)));
  // Hint: a store without its engine obtains its tokens alone, so a check of single credentials must not fail.
  const unshared = keys === undefined ? await unsharedStores(resolverAccess) : [];
  const resolved = checked.map((key) => resolver.peek(key)).filter((credential) => credential !== undefined);
  const inPart = resolved.flatMap((credential) => setInPart(plan, credential));
  const mixed = (await Promise.all(resolved.map((credential) => mixedNames(resolverAccess, credential)))).flat();
  const found = [...lint(resolver), ...missingDirectories(resolverAccess), ...inPart, ...mixed, ...unshared];
  const findings = found.filter(({ key }) => keys === undefined || keys.some((each) => each === key));
  const ok = findings.length === 0 && credentials.every(({ ok, unused }) => ok || unused);
  return { version: 1, ok, credentials, findings };
}

type ChainAccess = Pick<Access, "plan" | "open">;

async function checkOne<C>(
  resolver: Resolver<C>,
  { plan, open }: ChainAccess,
  key: KeyOf<C>,
): Promise<CheckedCredential> {
  try {
    const { source, degraded, trace } = await resolver.resolve(key);
    const shared = trace.find(({ store }) => store === source)?.shared;
    return { key, ok: true, source, ...(degraded ? { degraded } : {}), ...(shared ? { shared } : {}) };
  } catch (error) {
    const { name, code, missing, message } = error as Failure;
    if (name !== "CredentialError" || code === "unknown_key") throw error;
    return {
      key,
      ok: false,
      code,
      ...(missing.length > 0 ? { missing } : {}),
      reason: message.slice(message.indexOf(": ") + 2),
      ...(isUnused(plan, open, plan.credentials.get(key)!) ? { unused: true } : {}),
    };
  }
}

interface Failure extends Error {
  readonly code: CredentialErrorCode;
  readonly missing: readonly string[];
}
