import type { Credential } from "../core/chain/credential.ts";
import type { CredentialErrorCode } from "../core/chain/errors.ts";
import type { Fields } from "../core/chain/field.ts";
import type { Step } from "../core/chain/outcome.ts";
import { access } from "../core/engine/access.ts";
import { namesToSupply, unknownKeyError } from "../core/engine/failure.ts";
import { judge } from "../core/engine/judge.ts";
import type { CredentialPlan } from "../core/engine/credential_plan.ts";
import type { Plan } from "../core/engine/plan.ts";
import { QuietAsk, type Unasked } from "../core/engine/quiet_ask.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import { stepOf } from "../core/engine/verdict.ts";
import type { Failed, Found } from "../core/engine/walk.ts";
import type { Answer } from "../core/source/answer.ts";

/**
 * The whole walk of one credential, including the stores below its winner. It never holds a value.
 *
 * @example What each store answered
 * ```ts
 * import { createResolver, defineChain, env, memory, required } from "@alphaswarm/credentials";
 * import { explain, type Explanation } from "@alphaswarm/credentials/report";
 *
 * const chain = defineChain({
 *   stores: {
 *     env: env({ priority: 200 }),
 *     seed: memory({ priority: 100, values: { user: "reader" } }),
 *   },
 *   credentials: {
 *     "db:user": {
 *       fields: { user: required() },
 *       from: { env: { prefix: "DB_" }, seed: { prefix: "" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, { env: {} });
 * const { source, trace }: Explanation = await explain(resolver, "db:user");
 * console.log(source, trace.map(({ store, outcome }) => [store, outcome]));
 * // "seed", [["env", "miss"], ["seed", "hit"]]
 * ```
 * @category Reports
 */
export interface Explanation extends ExplainedWalk {
  /** The version of this object's format. */
  readonly version: 1;
  /**
   * The walks of the credentials that its stores need, at any depth, each once, the nearest first; absent if they need
   * none. A need that is held is not asked for: its trace is that of the walk that gave it.
   */
  readonly needs?: readonly ExplainedNeed[];
}

/**
 * The walk of a credential that stores need. It never holds a value.
 *
 * @example Why a token store has no login
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 * import { explain, type ExplainedNeed } from "@alphaswarm/credentials/report";
 *
 * const m2m = oauth2({
 *   priority: 200,
 *   tokenEndpoint: "https://sso.example/token",
 *   client: "m2m:client",
 * });
 * const chain = defineChain({
 *   stores: { m2m, env: env({ priority: 100 }) },
 *   credentials: {
 *     "m2m:client": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { env: { prefix: "M2M_" } },
 *     },
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { m2m: { fields: { token: "access_token" } } },
 *     },
 *   },
 * });
 * const { needs = [] } = await explain(createResolver(chain, { env: {} }), "polaris:rest");
 * const line = ({ key, neededBy, error }: ExplainedNeed) =>
 *   `${neededBy} needs ${key}: ${error}`;
 * console.log(needs.map(line)); // ["m2m needs m2m:client: not_found"]
 * ```
 * @category Reports
 */
export interface ExplainedNeed extends ExplainedWalk {
  /** The stores that need it. */
  readonly neededBy: readonly string[];
}

/**
 * The walk of one credential. It never holds a value.
 *
 * @example One line for a credential or one of its needs
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { explain, type ExplainedWalk } from "@alphaswarm/credentials/report";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { env: { prefix: "DB_" } } },
 *   },
 * });
 * const resolver = createResolver(chain, { env: { DB_USER: "reader" } });
 * const explanation = await explain(resolver, "db:user");
 * const line = ({ key, source, error }: ExplainedWalk) => `${key}: ${source ?? error}`;
 * console.log([explanation, ...explanation.needs ?? []].map(line)); // ["db:user: env"]
 * ```
 * @category Reports
 */
export interface ExplainedWalk {
  /** The credential's key. */
  readonly key: string;
  /** The store that gives the identity, or `null` if none does or that is unknown. */
  readonly source: string | null;
  /** Whether a store that should have answered could not; `false` if the source is unknown. */
  readonly degraded: boolean;
  /** The store that gives each field, as far as known. */
  readonly fields: Readonly<Record<string, string>>;
  /** Why no store gives it; absent if that is unknown. */
  readonly error?: CredentialErrorCode;
  /**
   * The stores that were not asked although a resolve would ask them. If one of them comes before every store that
   * could give the identity, the source is unknown; otherwise only the settings that they may give are.
   */
  readonly unknown?: readonly string[];
  /**
   * The answer of every store, highest priority first. A store that a resolve would not ask is `shadowed`; if the
   * source is unknown, so is every store below the first that was not asked.
   */
  readonly trace: readonly Step[];
}

/**
 * The options of `explain`.
 *
 * @example Ask a token store too
 * ```ts
 * import { createResolver, defineChain, required, token } from "@alphaswarm/credentials";
 * import { explain } from "@alphaswarm/credentials/report";
 * import { scriptedStore } from "@alphaswarm/credentials/testing";
 *
 * const sso = scriptedStore({
 *   shape: token,
 *   answer: { values: { token: "not-a-secret" }, expiresIn: 600 },
 *   local: false,
 * });
 * const resolver = createResolver(defineChain({
 *   stores: { sso: sso.store({ priority: 100 }) },
 *   credentials: {
 *     "polaris:rest": { fields: { token: required() }, from: { sso: true } },
 *   },
 * }));
 * console.log((await explain(resolver, "polaris:rest")).unknown); // ["sso"]
 * console.log((await explain(resolver, "polaris:rest", { live: true })).source); // "sso"
 * ```
 * @category Reports
 */
export interface ExplainOptions {
  /**
   * Whether token stores are asked, which may obtain a token; otherwise their held tokens count, and a store without
   * one is `unknown`.
   */
  readonly live?: boolean;
}

/**
 * Explains a credential: asks every store that may have it, including those below the winner. It keeps nothing, calls
 * no listener, and asks no store that is in a backoff. A step without the credential says in `missing` what would
 * supply it. What its stores need is explained too.
 *
 * @typeParam C The chain's credentials.
 * @param resolver The resolver.
 * @param key The credential's key.
 * @param options `live`: whether token stores are asked too.
 * @returns The answer of every store, and the result of the walk.
 * @throws {CredentialError} If the chain has no such credential (`unknown_key`).
 *
 * @example What would supply it
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { explain } from "@alphaswarm/credentials/report";
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
 * const { error, trace } = await explain(resolver, "neo4j:basic");
 * console.log(error, trace[0]?.missing); // "not_found", ["NEO4J_PASSWORD"]
 * ```
 * @category Reports
 */
export async function explain<C>(
  resolver: Resolver<C>,
  key: keyof C & string,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const { live = false } = options;
  const { plan: { credentials }, open } = access(resolver);
  const plan = credentials.get(key);
  if (!plan) throw unknownKeyError(credentials.keys(), key);
  const ask = new QuietAsk(resolver, live);
  const explained = await explainWalk(plan, ask);
  const needed = needsOf(plan, credentials, (store) => open(store).state === "off");
  const needs = await Promise.all([...needed].map(async ([key, stores]): Promise<ExplainedNeed> => {
    const held = ask.fresh(key);
    return { neededBy: [...stores], ...held ? heldWalk(held) : await explainWalk(credentials.get(key)!, ask) };
  }));
  return { version: 1, ...explained, ...(needs.length > 0 ? { needs } : {}) };
}

async function explainWalk(plan: CredentialPlan, ask: QuietAsk): Promise<ExplainedWalk> {
  const { key } = plan;
  const { answers, walked, unasked } = await ask.look(plan);
  const unknownFrom = firstDeciding(plan, walked, unasked);
  const trace = plan.sources.map((_, at) => explainStep({ plan, at, answer: answers[at]!, walked, unknownFrom, ask }));
  const unknown = unasked.length > 0 ? { unknown: unasked.map(({ at }) => plan.sources[at]!.store.name) } : {};
  if (unknownFrom !== undefined) {
    return { key, source: null, degraded: false, fields: {}, ...unknown, trace };
  }
  return {
    key,
    source: walked.found ? walked.source : null,
    degraded: walked.degraded,
    fields: fieldsOf(plan, walked, unasked),
    ...(walked.found ? {} : { error: walked.code }),
    ...unknown,
    trace,
  };
}

/** Returns the keys of what the stores of a credential need, at any depth, the nearest first, and which of them need it. */
function needsOf(
  plan: CredentialPlan,
  credentials: Plan["credentials"],
  isOff: (store: string) => boolean,
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const add = ({ sources }: CredentialPlan) => {
    for (const { store: { name, store } } of sources) {
      for (const key of isOff(name) ? [] : store.needs) found.set(key, (found.get(key) ?? new Set()).add(name));
    }
  };
  add(plan);
  // Hint: keys that are added during the iteration are visited too.
  for (const key of found.keys()) add(credentials.get(key)!);
  return found;
}

function heldWalk(held: Credential<Fields>): ExplainedWalk {
  const { key, source, degraded, fields, trace } = held;
  return {
    key,
    source,
    degraded,
    fields: Object.fromEntries(fields.map((name) => [name, held.sourceOf(name)!])),
    trace,
  };
}

/** Returns the index of the first source that was not asked and whose answer decides the result of the walk. */
function firstDeciding({ sources }: CredentialPlan, walked: Found | Failed, unasked: readonly Unasked[]) {
  const decides = ({ at }: Unasked) =>
    !walked.found ||
    sources[at]!.mapsIdentity && at < sources.findIndex(({ store }) => store.name === walked.source);
  return unasked.find(decides)?.at;
}

function fieldsOf(
  { names }: CredentialPlan,
  { supplied }: Found | Failed,
  unasked: readonly Unasked[],
): Readonly<Record<string, string>> {
  const sourceOf = (at: number) => unasked.some(({ wanted }) => wanted.includes(at)) ? undefined : supplied[at]?.source;
  return Object.fromEntries(names.flatMap((name, at) => {
    const source = sourceOf(at);
    return source === undefined ? [] : [[name, source]];
  }));
}

/** The source at an index of a credential's plan, and its answer. */
interface ExplainedSource {
  readonly plan: CredentialPlan;
  readonly at: number;
  readonly answer: Answer;
  readonly walked: Found | Failed;
  /** From where on the walk is unknown. */
  readonly unknownFrom: number | undefined;
  readonly ask: QuietAsk;
}

function explainStep({ plan, at, answer, walked, unknownFrom, ask }: ExplainedSource): Step {
  const source = plan.sources[at]!;
  const walkedStep = walked.trace.find(({ store }) => store === source.store.name);
  // Hint: a store that was asked only for a setting, and lacks it, may still have the identity.
  const known = walkedStep && walkedStep.outcome !== "miss" ? walkedStep : shadowed(plan, at, answer, walkedStep);
  const isUnknown = unknownFrom !== undefined && (at > unknownFrom || known.role === "setting");
  const step: Step = isUnknown ? { ...known, role: "shadowed" } : known;
  if (step.outcome !== "miss") return step;
  const whyNotAsked = ask.whyNotAsked(answer);
  if (whyNotAsked) return { ...step, detail: whyNotAsked };
  const missing = source.mapsIdentity && !source.store.shape.issued ? namesToSupply(plan, source) : [];
  return missing.length > 0 ? { ...step, missing } : step;
}

/** Returns the step of a source whose answer the walk did not use, or the walk's own step for a miss. */
function shadowed(plan: CredentialPlan, at: number, answer: Answer, missed?: Step): Step {
  const step = stepOf(judge(plan, plan.sources[at]!, answer), "shadowed");
  return step.outcome === "miss" && missed || step;
}
