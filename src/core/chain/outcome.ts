import type { Version } from "./answer.ts";

/**
 * What a store can answer for a credential: a closed set.
 *
 * @example The answers that say that something is wrong
 * ```ts
 * import type { Credential, Outcome } from "@alphaswarm/credentials";
 *
 * const wrong: readonly Outcome[] = ["incomplete", "unavailable", "denied", "invalid"];
 * const faults = ({ trace }: Credential) =>
 *   trace.filter(({ outcome }) => wrong.includes(outcome));
 * ```
 * @category Credential
 */
export type Outcome = "hit" | "miss" | "off" | "incomplete" | "unavailable" | "denied" | "invalid";

/**
 * The role of a store's answer in a walk: it gave the identity (`winner`) or a setting, was passed on the way to the
 * next store, or ended the walk (`stopped`); only `explain` asks a store that is `shadowed`, since one before it
 * answers.
 *
 * @example The stores that gave something
 * ```ts
 * import type { Credential, Role } from "@alphaswarm/credentials";
 *
 * const gave: readonly Role[] = ["winner", "setting"];
 * const givers = ({ trace }: Credential) =>
 *   trace.filter(({ role }) => gave.includes(role)).map(({ store }) => store);
 * ```
 * @category Credential
 */
export type Role = "winner" | "setting" | "passed" | "stopped" | "shadowed";

/**
 * How a shared token was obtained: from the server, from another machine, or without the engine.
 *
 * @example Whether a machine works on its own
 * ```ts
 * import type { Credential, Shared } from "@alphaswarm/credentials";
 *
 * const alone: Shared = "alone";
 * const isOnItsOwn = ({ trace }: Credential) =>
 *   trace.some(({ shared }) => shared === alone);
 * ```
 * @category Credential
 */
export type Shared = "minted" | "received" | "alone";

/**
 * One entry of a trace: a store that was asked, and its answer. It never holds a value.
 *
 * @example Why a credential came from where it did
 * ```ts
 * import { createResolver, defineChain, env, memory, required, type Step } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { own: memory({ priority: 200 }), env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { own: { prefix: "" }, env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, { env: { NEO4J_PASSWORD: "not-a-secret" } });
 * const { trace } = await resolver.resolve("neo4j:basic");
 * const line = ({ store, outcome, role }: Step) => `${store}: ${outcome}, ${role}`;
 * console.log(trace.map(line)); // ["own: miss, passed", "env: hit, winner"]
 * ```
 * @category Credential
 */
export interface Step {
  /** The store's name in the chain. */
  readonly store: string;
  /** What it answered. */
  readonly outcome: Outcome;
  /** The role of the answer in the walk. */
  readonly role: Role;
  /** How long the answer took, in milliseconds; absent for an answer that was not awaited. */
  readonly ms?: number;
  /** Why, in fixed words and declared names. */
  readonly detail?: string;
  /** The version of what it answered, if the store gave one. */
  readonly version?: Version;
  /** For an incomplete answer, the declared names that were looked for and not found. */
  readonly missing?: readonly string[];
  /** The key of the credential that the store needs and could not get. */
  readonly need?: string;
  /** How a shared token was obtained. */
  readonly shared?: Shared;
}

/**
 * Marks a refusal, whichever copy of this package made it. Only its type is exported.
 *
 * @example An object without the mark, such as a document, is not a refusal
 * ```ts
 * import { denied, type Refusal } from "@alphaswarm/credentials";
 *
 * const refusal: Refusal = denied("needs key:read on this prefix");
 * // @ts-expect-error: the mark is missing
 * const other: Refusal = { outcome: "denied", detail: "needs key:read on this prefix" };
 * ```
 * @category Writing a store
 */
export const REFUSAL: unique symbol = /* @__PURE__ */ Symbol.for("@alphaswarm/credentials/refusal");

/**
 * The answer of a store that has the credential but cannot give it, or that cannot be reached.
 *
 * @example What an author's own test looks at
 * ```ts
 * import { denied, type Refusal } from "@alphaswarm/credentials";
 *
 * const { outcome, detail }: Refusal = denied("needs key:read on this prefix");
 * console.log(outcome, detail); // "denied", "needs key:read on this prefix"
 * ```
 * @category Writing a store
 */
export interface Refusal extends RefusalOptions {
  /** Marks a refusal, so that a document with the same members is not taken for one. */
  readonly [REFUSAL]: true;
  /** Which of the three refusals it is. */
  readonly outcome: "denied" | "invalid" | "unavailable";
  /** Why, in fixed words and declared names; never a value, and never text from outside. */
  readonly detail: string;
  /** The key of a credential that the store needs and could not get: set by the resolver. */
  readonly key?: string;
}

/**
 * Options of a refusal.
 *
 * @example A server that says when to come back, and a login that it refused
 * ```ts
 * import { denied, type RefusalOptions, unavailable } from "@alphaswarm/credentials";
 *
 * const later: RefusalOptions = { retryAfter: 30_000 };
 * const busy = unavailable("HTTP 429", later);
 * // The login is invalidated; if another one takes its place, the look-up runs once more.
 * const loggedOut = denied("login was refused (HTTP 401)", { need: "login" });
 * ```
 * @category Writing a store
 */
export interface RefusalOptions {
  /**
   * The least time before the store is asked again, in milliseconds (`Retry-After`); at most a minute while nothing is
   * held.
   */
  readonly retryAfter?: number;
  /** Whether the store may have been read in the middle of a change: it is read again before the refusal counts. */
  readonly transient?: true;
  /**
   * With `denied`: which of the store's `needs` was refused. That credential is invalidated, and if another one takes
   * its place, the look-up runs once more.
   */
  readonly need?: string;
  /**
   * Whether the issuer itself refused, by a known code. For a shared token, such a refusal counts for every machine,
   * and any other (a proxy's 403) only for the machine that got it.
   */
  readonly issued?: true;
}

/**
 * Creates a refusal for a credential that the store has but refuses: HTTP 401 or 403, a refused client, a missing
 * permission. The walk stops.
 *
 * @param detail Why, in fixed words and declared names; never a value, and never text from outside.
 * @param options When the store may be asked again, and which need was refused.
 * @returns The refusal, for `open` or a look-up to return.
 *
 * @example A token with which the store may not read
 * ```ts
 * import { denied } from "@alphaswarm/credentials";
 *
 * const look = (status: number) =>
 *   status === 403 ? denied("needs key:read on this prefix") : "reader";
 * ```
 * @category Writing a store
 */
export function denied(detail: string, options?: RefusalOptions): Refusal {
  return { [REFUSAL]: true, outcome: "denied", detail, ...options };
}

/**
 * Creates a refusal for something that the store cannot use: malformed, out of bounds, wrongly configured. The walk
 * stops.
 *
 * @param detail Why, in fixed words and declared names; never a value, and never text from outside.
 * @param options Whether the store may have been read in the middle of a change.
 * @returns The refusal, for `open` or a look-up to return.
 *
 * @example A keyring that another program may be writing
 * ```ts
 * import { invalid } from "@alphaswarm/credentials";
 *
 * function parse(text: string) {
 *   const [name, value, ...others] = text.split(" ");
 *   if (!value || others.length > 0) {
 *     return invalid("the keyring has a line of another form", { transient: true });
 *   }
 *   return { name, value };
 * }
 * ```
 * @category Writing a store
 */
export function invalid(detail: string, options?: RefusalOptions): Refusal {
  return { [REFUSAL]: true, outcome: "invalid", detail, ...options };
}

/**
 * Creates a refusal for a store that cannot be reached now: no connection, a timeout, HTTP 408, 425, 429 or 5xx. The
 * walk goes on, and the credential is `degraded`.
 *
 * @param detail Why, in fixed words and declared names; never a value, and never text from outside.
 * @param options How long the store is not to be asked again.
 * @returns The refusal, for `open` or a look-up to return.
 *
 * @example An agent that has not started yet
 * ```ts
 * import { unavailable } from "@alphaswarm/credentials";
 *
 * const look = (agent?: { get(name: string): string }) => (name: string) =>
 *   agent
 *     ? agent.get(name)
 *     : unavailable("the agent has not started", { retryAfter: 1_000 });
 * ```
 * @category Writing a store
 */
export function unavailable(detail: string, options?: RefusalOptions): Refusal {
  return { [REFUSAL]: true, outcome: "unavailable", detail, ...options };
}

/** Whether a value is a refusal, whichever copy of this package made it. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && (value as Partial<Refusal>)[REFUSAL] === true;
}

/** Whether a text contains a NUL, U+FFFD (left by broken UTF-8) or half of a surrogate pair (left by broken UTF-16). */
export function isBrokenText(text: string): boolean {
  return !text.isWellFormed() || text.includes("\uFFFD") || text.includes("\0");
}
