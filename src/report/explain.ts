import type { CredentialErrorCode } from "../core/chain/errors.ts";
import type { Step } from "../core/chain/outcome.ts";
import { access } from "../core/engine/access.ts";
import { namesToSupply, unknownKeyError } from "../core/engine/failure.ts";
import { judge } from "../core/engine/judge.ts";
import type { CredentialPlan } from "../core/engine/plan.ts";
import { QuietAsk } from "../core/engine/quiet_ask.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import { stepOf } from "../core/engine/verdict.ts";
import type { Failed, Found } from "../core/engine/walk.ts";
import type { Answer } from "../core/source/answer.ts";

/** Why a token store that holds nothing was not asked. */
const NOT_ASKED = "holds no token, and was not asked: the option live asks it";

/** The whole walk of one credential, also below its winner. It never holds a value. @category Reports */
export interface Explanation {
  /** The version of this object's form. */
  readonly version: 1;
  /** The credential's key. */
  readonly key: string;
  /** The store that gives the identity, or `null` where none does. */
  readonly source: string | null;
  /** Whether a store that should have answered could not. */
  readonly degraded: boolean;
  /** The store that gives each field. */
  readonly fields: Readonly<Record<string, string>>;
  /** Why no store gives it. */
  readonly error?: CredentialErrorCode;
  /** The answer of every store, highest priority first; one that a resolve would not ask is `shadowed`. */
  readonly trace: readonly Step[];
}

/** The options of `explain`. @category Reports */
export interface ExplainOptions {
  /** Whether token stores are asked, which may obtain a token; otherwise what they hold is shown. */
  readonly live?: boolean;
}

/**
 * Explains a credential: asks every store that may have it, also below the winner. It keeps nothing, tells no listener,
 * and asks no store that is in a backoff. A step without the credential says in `missing` what would supply it.
 *
 * @typeParam C The chain's credentials.
 * @param resolver The resolver.
 * @param key The credential's key.
 * @param options `live`: whether token stores are asked too.
 * @returns The answer of every store, and the result of the walk.
 * @throws {CredentialError} If the chain has no such credential (`unknown_key`).
 *
 * @example
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { explain } from "@alphaswarm/credentials/report";
 *
 * const resolver = createResolver(defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: { "neo4j:basic": { fields: { password: required() }, from: { env: { prefix: "NEO4J_" } } } },
 * }), { env: {} });
 * const { error, trace } = await explain(resolver, "neo4j:basic");
 * console.log(error, trace[0]?.missing); // "not_found", ["NEO4J_PASSWORD"]
 * ```
 * @category Reports
 */
export async function explain<C>(
  resolver: Resolver<C>,
  key: keyof C & string,
  { live = false }: ExplainOptions = {},
): Promise<Explanation> {
  const { credentials } = access(resolver).plan;
  const plan = credentials.get(key);
  if (!plan) throw unknownKeyError(credentials.keys(), key);
  const ask = new QuietAsk(resolver, live);
  const { answers, walked } = await ask.look(plan);
  return {
    version: 1,
    key,
    source: walked.found ? walked.source : null,
    degraded: walked.degraded,
    fields: fieldsOf(plan, walked),
    ...(walked.found ? {} : { error: walked.code }),
    trace: plan.sources.map((_, at) => explainStep({ plan, at, answer: answers[at]!, walked, ask })),
  };
}

function fieldsOf({ names }: CredentialPlan, { sources }: Found | Failed): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name, at) => sources[at] === undefined ? [] : [[name, sources[at]]]));
}

/** The source at an index of a credential's plan, and its answer. */
interface Asked {
  readonly plan: CredentialPlan;
  readonly at: number;
  readonly answer: Answer;
  readonly walked: Found | Failed;
  readonly ask: QuietAsk;
}

function explainStep({ plan, at, answer, walked, ask }: Asked): Step {
  const source = plan.sources[at]!;
  const step = walked.trace.find(({ store }) => store === source.store.name) ?? shadowed(plan, at, answer);
  if (step.outcome !== "miss") return step;
  if (ask.wasNotAsked(answer)) return { ...step, detail: NOT_ASKED };
  const missing = source.mapsIdentity && !source.store.shape.issued ? namesToSupply(plan, source) : [];
  return missing.length > 0 ? { ...step, missing } : step;
}

function shadowed(plan: CredentialPlan, at: number, answer: Answer): Step {
  return stepOf(judge(plan, plan.sources[at]!, answer), "shadowed");
}
