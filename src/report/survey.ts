import type { MaybePromise } from "../core/chain/eventually.ts";
import { type Access, access } from "../core/engine/access.ts";
import type { CredentialPlan } from "../core/engine/credential_plan.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import { walk } from "../core/engine/walk.ts";
import { type Answer, NOTHING } from "../core/source/answer.ts";
import { shareOf } from "../core/source/sharing.ts";
import type { Source } from "../core/source/source.ts";

/**
 * Asks the stores that need no network, so that `resolver.describe()` shows their answers. A credential that only such
 * stores serve is resolved; for any other, only their answers are recorded. It never throws for what a store answers.
 *
 * @typeParam C The chain's credentials.
 * @param resolver The resolver to be described.
 * @returns A promise that resolves once all of these stores have answered.
 *
 * @example Describe what the environment has
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { survey } from "@alphaswarm/credentials/report";
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
 * await survey(resolver);
 * console.log(resolver.describe().credentials[0]?.last?.error); // "not_found"
 * ```
 * @category Reports
 */
export async function survey<C>(resolver: Resolver<C>): Promise<void> {
  const resolverAccess = access(resolver);
  await Promise.all([...resolverAccess.plan.credentials.values()].map((plan) => surveyOne(resolverAccess, plan)));
}

async function surveyOne(resolverAccess: Access, plan: CredentialPlan): Promise<void> {
  if (!resolverAccess.keeps(plan.key)) return;
  const skipped = new Set<string>();
  const walked = await walk(plan, (at, wanted): MaybePromise<Answer> => {
    const source = plan.sources[at]!;
    if (needsNoNetwork(resolverAccess, source)) return resolverAccess.ask(source, wanted);
    skipped.add(source.store.name);
    return { reading: NOTHING, until: 0 };
  });
  if (skipped.size === 0) await resolverAccess.answering(plan.key);
  else resolverAccess.record(plan.key, walked.trace.filter(({ store }) => !skipped.has(store)));
}

/**
 * Whether a store is asked without the network: it is not on, or it is local and has no engine, and the same is
 * true of everything that it needs.
 */
function needsNoNetwork(resolverAccess: Access, { store }: Source): boolean {
  if (resolverAccess.open(store.name).state !== "on") return true;
  if (!store.spec.local || shareOf(store)) return false;
  const needed = store.store.needs.flatMap((key) => resolverAccess.plan.credentials.get(key)!.sources);
  return needed.every((source) => needsNoNetwork(resolverAccess, source));
}
