import type { AnyChain, Chain } from "../core/chain/chain.ts";
import type { Stores } from "../core/chain/store.ts";
import { access, isResolver } from "../core/engine/access.ts";
import { compile, type Plan } from "../core/engine/plan.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import type { Finding } from "./finding.ts";
import { lintEngines, type Peek } from "./lint_engines.ts";
import { lintFiles } from "./lint_files.ts";
import { lintLogins } from "./lint_logins.ts";
import { lintMappings } from "./lint_mappings.ts";
import { lintMembers } from "./lint_members.ts";
import { lintNameFiles } from "./lint_name_files.ts";
import { lintPrograms } from "./lint_programs.ts";
import { lintValues } from "./lint_values.ts";

/**
 * Finds the parts of a chain that are never used, such as a store that is never asked, locators in another notation
 * than JSON Pointer, and programs that are run every few seconds. In a resolver, it also finds files that others may
 * read, misspelled members of local documents, variables that two stores have with different values or that name a file
 * which is not read, engines that are reached without TLS, and logins that expire before what is obtained with them.
 *
 * @typeParam S The chain's stores.
 * @typeParam C The chain's credentials.
 * @param subject The chain, or a resolver, whose held credentials and whose local stores' files and variables are
 * looked at too. Nothing is kept.
 * @returns The findings, in the chain's own order.
 * @throws {ChainError} If the chain does not compile.
 *
 * @example A store that is never asked
 * ```ts
 * import { defineChain, env, file, required } from "@alphaswarm/credentials";
 * import { lint } from "@alphaswarm/credentials/report";
 *
 * const [finding] = lint(defineChain({
 *   stores: {
 *     file: file({ priority: 200, directory: "state" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * }));
 * console.log(finding?.path, finding?.rule); // "stores.file", "unreachable"
 * ```
 * @category Reports
 */
export function lint<S extends Stores, C>(subject: Chain<S, C> | Resolver<C>): readonly Finding[] {
  if (!isResolver(subject)) return lintChain(subject as never, compile(subject as never));
  const resolverAccess = access(subject);
  const found = lintChain(resolverAccess.chain, resolverAccess.plan);
  return [
    ...found,
    ...lintFiles(resolverAccess),
    ...lintValues(resolverAccess),
    ...lintMembers(resolverAccess),
    ...lintNameFiles(resolverAccess),
    ...lintEngines(resolverAccess, (subject as Resolver<never>).peek as Peek),
    ...lintLogins((subject as Resolver<C>).describe()),
  ];
}

function lintChain(chain: AnyChain, plan: Plan): readonly Finding[] {
  const mapped = new Set(
    Object.values(chain.credentials).flatMap(({ from }) =>
      Object.keys(from).filter((name) => from[name] !== undefined)
    ),
  );
  const idle = Object.keys(chain.stores).filter((name) => !mapped.has(name)).map((name): Finding => ({
    rule: "unreachable",
    path: `stores.${name}`,
    message: "No credential maps it: name it in the from of one, or remove the store",
  }));
  return [
    ...idle,
    ...lintPrograms(plan.stores),
    ...[...plan.credentials.values()].flatMap((credential) => lintMappings(credential)),
  ];
}
