/**
 * Reports on a chain and its resolver, as data without any value.
 *
 * Use it where a program needs what the command line prints: in a CI job, when a service starts, or in a tool of your
 * own.
 *
 * More: [Reports](https://github.com/alphaswarm/credentials/blob/main/src/report/README.md).
 *
 * @example Whether everything is there, and why not
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { check, explain } from "@alphaswarm/credentials/report";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const resolver = getResolver(chain);
 * const { ok } = await check(resolver); // whether every credential can be resolved
 * // Which store wins, and what each store answered.
 * const { source, trace } = await explain(resolver, "neo4j:basic");
 * console.log(ok, source, trace);
 * ```
 *
 * @module
 */
export { check, type CheckedCredential, type CheckReport } from "./check.ts";
export { explain, type ExplainedNeed, type ExplainedWalk, type ExplainOptions, type Explanation } from "./explain.ts";
export type { Finding, LintRule } from "./finding.ts";
export { lint } from "./lint.ts";
export { permissions, type PermissionsReport } from "./permissions.ts";
export type { ReportResult, ReportSchema } from "./report_schema.ts";
export {
  checkSchema,
  descriptionSchema,
  explanationSchema,
  initSchema,
  permissionsSchema,
  persistSchema,
  reportJsonSchema,
  type ReportName,
} from "./schemas.ts";
export { survey } from "./survey.ts";
export { validateChain } from "./validate_chain.ts";
export type { InitReport, PersistReport } from "./written_reports.ts";
