/**
 * Reports on a chain and its resolver, as data without any value.
 *
 * @module
 */
export { check, type CheckedCredential, type CheckReport } from "./check.ts";
export { explain, type ExplainOptions, type Explanation } from "./explain.ts";
export { type Finding, lint, type LintRule } from "./lint.ts";
export { permissions, type PermissionsReport } from "./permissions.ts";
export type { ReportResult, ReportSchema } from "./report_schema.ts";
export {
  checkSchema,
  descriptionSchema,
  explanationSchema,
  permissionsSchema,
  reportJsonSchema,
  type ReportName,
} from "./schemas.ts";
export { survey } from "./survey.ts";
export { validateChain } from "./validate_chain.ts";
