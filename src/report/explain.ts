import { CredentialError, type CredentialErrorCode } from "../errors.ts";
import { namesToSupply } from "../failure.ts";
import { insides } from "../insides.ts";
import { judge } from "../judge.ts";
import type { Step } from "../outcome.ts";
import type { CredentialPlan } from "../plan.ts";
import type { Resolver } from "../resolver.ts";
import type { Answer, Failed, Found } from "../walk.ts";
import { QuietLook, UNASKED } from "./quiet_look.ts";

/** The whole walk of one credential, below its winner too. It never holds a value. @category Reports */
export interface Explanation {
  /** The form of this object. */
  readonly version: 1;
  /** The credential's key. */
  readonly key: string;
  /** The store that gives the identity, or `null` where none does. */
  readonly source: string | null;
  /** Whether a store that should have answered couldn't. */
  readonly degraded: boolean;
  /** The store that gives each field. */
  readonly fields: Readonly<Record<string, string>>;
  /** Why no store gives it. */
  readonly error?: CredentialErrorCode;
  /** What every store said, highest priority first; one that a resolve would not ask is `shadowed`. */
  readonly trace: readonly Step[];
}

/** How thorough an explanation is. @category Reports */
export interface ExplainOptions {
  /** Whether token stores are asked, which may mint; else it shows what they hold. */
  readonly live?: boolean;
}

/**
 * Explains a credential: asks every store that has it, also below the winner. It keeps nothing, tells nobody, and asks
 * no store that is in a backoff. A step without the credential says in `missing` what would supply it.
 *
 * @typeParam C The chain's credentials.
 * @param resolver Where the credential comes from.
 * @param key Which one.
 * @param options `live`: whether token stores are asked too.
 * @returns What every store said, and what came of it.
 * @throws {CredentialError} Where the chain has no such credential (`unknown_key`).
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
  const inside = insides(resolver);
  const plan = inside.plan.credentials.get(key);
  if (!plan) {
    const keys = [...inside.plan.credentials.keys()].join(", ");
    throw new CredentialError("unknown_key", `the chain has no such credential: it has ${keys}`, { key });
  }
  const look = new QuietLook(inside, live);
  const { answers, walked } = await look.look(plan);
  return {
    version: 1,
    key,
    source: walked.found ? walked.source : null,
    degraded: walked.degraded,
    fields: fieldsOf(plan, walked),
    ...(walked.found ? {} : { error: walked.code }),
    trace: plan.sources.map((_, at) => stepOf({ plan, at, answer: answers[at]!, walked, look })),
  };
}

function fieldsOf({ names }: CredentialPlan, { sources }: Found | Failed): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name, at) => sources[at] === undefined ? [] : [[name, sources[at]]]));
}

interface Placed {
  readonly plan: CredentialPlan;
  readonly at: number;
  readonly answer: Answer;
  readonly walked: Found | Failed;
  readonly look: QuietLook;
}

function stepOf({ plan, at, answer, walked, look }: Placed): Step {
  const source = plan.sources[at]!;
  const step = walked.trace.find(({ store }) => store === source.store.name) ?? shadowed(plan, at, answer);
  if (step.outcome !== "miss") return step;
  if (look.unasked.has(answer)) return { ...step, detail: UNASKED };
  const missing = source.serves && source.store.shape.name !== "token" ? namesToSupply(plan, source) : [];
  return missing.length > 0 ? { ...step, missing } : step;
}

function shadowed(plan: CredentialPlan, at: number, answer: Answer): Step {
  const { outcome, detail, missing } = judge(plan, plan.sources[at]!, answer);
  return {
    store: plan.sources[at]!.store.name,
    outcome,
    role: "shadowed",
    ...(answer.ms === undefined ? {} : { ms: answer.ms }),
    ...(detail === undefined ? {} : { detail }),
    ...(missing ? { missing } : {}),
  };
}
