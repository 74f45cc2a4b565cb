import type { Chain } from "../chain.ts";
import type { Insides } from "../insides.ts";
import { INSIDES, insides } from "../insides.ts";
import { compile, type Plan } from "../plan.ts";
import type { Resolver } from "../resolver.ts";
import type { Stores } from "../stores/store.ts";
import { lintFiles } from "./lint_files.ts";
import { lintMappings } from "./lint_mappings.ts";

/** What is wrong with a chain that compiles: something in it never counts, or is open to more than it should be. @category Reports */
export type LintRule = "shadowed" | "unreachable" | "unmapped" | "short_form" | "loose_mode";

/** One thing that is wrong with a chain that compiles. @category Reports */
export interface Finding {
  /** What kind of mistake it is. */
  readonly rule: LintRule;
  /** Where in the chain. */
  readonly path: string;
  /** What was found, and what would be right. */
  readonly message: string;
  /** The credential, where it is about one. */
  readonly key?: string;
}

/**
 * Finds what never counts in a chain, as a store that nobody asks, and files that others may read.
 *
 * @param subject The chain; or a resolver, whose stores' files are looked at too.
 * @returns What is wrong, in the chain's own order.
 * @throws {ChainError} Where the chain doesn't compile.
 *
 * @example
 * ```ts
 * import { defineChain, env, file, required } from "@alphaswarm/credentials";
 * import { lint } from "@alphaswarm/credentials/report";
 *
 * const [finding] = lint(defineChain({
 *   stores: { file: file({ priority: 200, directory: "state" }), env: env({ priority: 100 }) },
 *   credentials: { "neo4j:basic": { fields: { password: required() }, from: { env: { prefix: "NEO4J_" } } } },
 * }));
 * console.log(finding?.path, finding?.rule); // "stores.file", "unreachable"
 * ```
 * @category Reports
 */
export function lint<S extends Stores, C>(subject: Chain<S, C> | Resolver<C>): readonly Finding[] {
  if (!(INSIDES in subject)) return lintChain(subject as never, compile(subject as never));
  const inside = insides(subject);
  return [...lintChain(inside.chain, inside.plan), ...lintFiles(inside)];
}

function lintChain(chain: Insides["chain"], plan: Plan): readonly Finding[] {
  const named = new Set(Object.values(chain.credentials).flatMap(({ from }) => Object.keys(from)));
  const idle = Object.keys(chain.stores).filter((name) => !named.has(name)).map((name): Finding => ({
    rule: "unreachable",
    path: `stores.${name}`,
    message: "No credential names it in from: map one, or remove it",
  }));
  return [...idle, ...[...plan.credentials.values()].flatMap((credential) => lintMappings(chain, credential))];
}
