import type { MaybePromise } from "../eventually.ts";
import type { Hold } from "../hold.ts";
import { type Insides, insides } from "../insides.ts";
import type { Resolver } from "../resolver.ts";
import { type Answer, walk } from "../walk.ts";
import { keepsOffNetwork } from "./locality.ts";

/**
 * Asks the stores that need no network, so that `resolver.describe()` has something to say. A credential that they
 * decide alone is resolved; of another one, only what they said is recorded. It never throws for what a store says.
 *
 * @typeParam C The chain's credentials.
 * @param resolver The resolver that is going to be described.
 *
 * @example
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { survey } from "@alphaswarm/credentials/report";
 *
 * const resolver = createResolver(defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: { "neo4j:basic": { fields: { password: required() }, from: { env: { prefix: "NEO4J_" } } } },
 * }), { env: {} });
 * await survey(resolver);
 * console.log(resolver.describe().credentials[0]?.last?.error); // "not_found"
 * ```
 * @category Reports
 */
export async function survey<C>(resolver: Resolver<C>): Promise<void> {
  const inside = insides(resolver);
  await Promise.all([...inside.holds.values()].map((hold) => surveyOne(inside, hold)));
}

async function surveyOne(inside: Insides, hold: Hold): Promise<void> {
  const unasked = new Set<string>();
  const walked = await walk(hold.plan, (at, wanted): MaybePromise<Answer> => {
    const source = hold.plan.sources[at]!;
    const { name } = source.store;
    if (keepsOffNetwork(inside, source)) return inside.stores.get(name)!.answer(source, wanted, undefined, {});
    unasked.add(name);
    return { reading: { values: [], names: [] }, until: 0 };
  });
  if (unasked.size === 0) await hold.get({});
  else if (!hold.last) {
    const trace = walked.trace.filter(({ store }) => !unasked.has(store));
    hold.last = { at: inside.ambient.clock.now(), trace };
  }
}
