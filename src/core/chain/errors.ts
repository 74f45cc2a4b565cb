import type { Refusal, Step } from "./outcome.ts";

/**
 * Why a credential cannot be given: a closed set. If several apply, the most severe is reported.
 *
 * @example What a service answers while it has no credential
 * ```ts
 * import type { CredentialErrorCode } from "@alphaswarm/credentials";
 *
 * const passes: readonly CredentialErrorCode[] = ["unavailable", "not_found", "incomplete"];
 * const statusOf = (code: CredentialErrorCode) => passes.includes(code) ? 503 : 500;
 * console.log(statusOf("unavailable"), statusOf("denied")); // 503, 500
 * ```
 * @category Errors
 */
export type CredentialErrorCode =
  | "denied"
  | "invalid"
  | "unavailable"
  | "incomplete"
  | "not_found"
  | "default_forbidden"
  | "unknown_key"
  | "closed";

/**
 * What an error knows about the walk that failed.
 *
 * @example The error of a stand-in for a resolver, in a test
 * ```ts
 * import { CredentialError, type CredentialErrorDetails } from "@alphaswarm/credentials";
 *
 * const details: CredentialErrorDetails = {
 *   key: "neo4j:basic",
 *   missing: ["NEO4J_PASSWORD"],
 * };
 * const error = new CredentialError("incomplete", "NEO4J_PASSWORD is not set", details);
 * console.log(error.message); // "Cannot resolve \"neo4j:basic\": NEO4J_PASSWORD is not set"
 * ```
 * @category Errors
 */
export interface CredentialErrorDetails {
  /** The credential's key. */
  readonly key: string;
  /** The answer of every store that was asked, in that order. */
  readonly trace?: readonly Step[];
  /** The declared names of what is missing, as in the error. */
  readonly missing?: readonly string[];
  /** What failed; `resolve` unless set. */
  readonly action?: "resolve" | "persist" | "ensure";
}

/**
 * The error for a credential that cannot be given. It has a code, a key and declared names; never a value, and never
 * the message or cause of a foreign error, since those quote their input.
 *
 * If several copies of the package may be loaded, test `error.name === "CredentialError"`.
 *
 * @example What is missing, and where it can be put
 * ```ts
 * import { createResolver, CredentialError, defineChain, env, required } from "@alphaswarm/credentials";
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
 * try {
 *   await createResolver(chain, { env: {} }).resolve("neo4j:basic");
 * } catch (error) {
 *   if (error instanceof CredentialError) console.log(error.code, error.missing);
 *   // "not_found", ["NEO4J_PASSWORD"]
 * }
 * ```
 * @category Errors
 */
export class CredentialError extends Error {
  /** Identifies the error, whichever copy of the package threw it. */
  override readonly name = "CredentialError";
  // Hint: `declare`, since bundles would otherwise initialise fields that the constructor sets.
  /** Why the credential cannot be given. */
  declare readonly code: CredentialErrorCode;
  /** The credential's key. */
  declare readonly key: string;
  /** The answer of every store that was asked, in that order. */
  declare readonly trace: readonly Step[];
  /**
   * The declared names of what is missing, in one list; the message says which are needed together. If a store has part
   * of the credential: the required ones that it lacks, and all alternatives. If no store has any of it: for each store
   * that could hold it, in their order, the required ones and the first of the alternatives.
   */
  declare readonly missing: readonly string[];

  /** Creates one; `reason` says what was found and how to fix it. */
  constructor(code: CredentialErrorCode, reason: string, details: CredentialErrorDetails) {
    const { key, trace = [], missing = [], action = "resolve" } = details;
    super(`Cannot ${action} "${key}": ${reason}`);
    this.code = code;
    this.key = key;
    this.trace = trace;
    this.missing = missing;
  }
}

/**
 * One mistake in a chain.
 *
 * @example As a line for a log
 * ```ts
 * import type { Problem } from "@alphaswarm/credentials";
 *
 * const line = ({ path, message }: Problem) => `${path}: ${message}`;
 * const [problem]: Problem[] = [{
 *   path: 'credentials["neo4j:basic"].from.env',
 *   message: "Maps no field",
 * }];
 * console.log(problem && line(problem));
 * // "credentials[\"neo4j:basic\"].from.env: Maps no field"
 * ```
 * @category Errors
 */
export interface Problem {
  /** Where in the chain, for example `credentials["polaris:oauth"].from.vault`. */
  readonly path: string;
  /** What was found, and what was expected. */
  readonly message: string;
}

/**
 * The error for a chain with mistakes in it. It lists all of them.
 *
 * @example The mistakes of two credentials, in one go
 * ```ts
 * import { ChainError, createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 *
 * const fields = { password: required() };
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": { fields, from: { env: {} } },
 *     "trino:basic": { fields, from: {} },
 *   },
 * });
 * try {
 *   createResolver(chain);
 * } catch (error) {
 *   if (error instanceof ChainError) console.log(error.problems.length); // 2
 * }
 * ```
 * @category Errors
 */
export class ChainError extends Error {
  /** Identifies the error, whichever copy of the package threw it. */
  override readonly name = "ChainError";
  /** Every mistake, in the chain's own order. */
  declare readonly problems: readonly Problem[];

  /** Creates one that lists every problem. */
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
    this.problems = problems;
  }
}

/** Combines refusals: the most severe counts, each detail is given once, and variables share one flag. */
export function combineRefusals(refusals: readonly Refusal[]): Refusal {
  // Hint: denied, invalid, unavailable: severity is alphabetical.
  const first = refusals.reduce((worst, each) => each.outcome < worst.outcome ? each : worst);
  const details = list([...new Set(refusals.map(({ detail }) => detail))]);
  return { ...first, detail: details.replace(/(?<=--allow-env=\S+)(,| and) needs --allow-env=/g, ",") };
}

/** Joins names for a sentence: `a`, `a and b`, `a, b and c`. */
export function list(names: readonly string[], word = "and"): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
}
