import { toJsonSchema } from "@valibot/to-json-schema";
import type { ChainDescription } from "../core/engine/describe.ts";
import type { CheckReport } from "./check.ts";
import type { Explanation } from "./explain.ts";
import type { PermissionsReport } from "./permissions.ts";
import type { GenericSchema } from "valibot";
import type { ReportSchema } from "./report_schema.ts";
import * as reports from "./report_schemas.ts";

/** The valibot schema of what `resolver.describe()` returns, `describe --json` prints and the route serves. @category Schemas */
export const descriptionSchema: ReportSchema<ChainDescription> = asReportSchema(reports.description);

/** The valibot schema of what `explain` returns. @category Schemas */
export const explanationSchema: ReportSchema<Explanation> = asReportSchema(reports.explanation);

/** The valibot schema of what `check` returns. @category Schemas */
export const checkSchema: ReportSchema<CheckReport> = asReportSchema(reports.check);

/** The valibot schema of what `permissions` returns. @category Schemas */
export const permissionsSchema: ReportSchema<PermissionsReport> = asReportSchema(reports.permissions);

const DRAFT = "https://json-schema.org/draft/2020-12/schema";

/** Which report a schema is of. @category Schemas */
export type ReportName = "description" | "explanation" | "check" | "permissions";

/**
 * Returns the JSON Schema (draft 2020-12) of a report, generated from its valibot schema.
 *
 * @param report Which report.
 * @returns The schema, as data.
 *
 * @example
 * ```ts
 * import { reportJsonSchema } from "@alphaswarm/credentials/report";
 *
 * console.log(reportJsonSchema("description").required); // ["version", "stores", "credentials"]
 * ```
 * @category Schemas
 */
export function reportJsonSchema(report: ReportName): Readonly<Record<string, unknown>> {
  return { $schema: DRAFT, ...toJsonSchema(reports[report], { target: "draft-2020-12" }) };
}

// Hint: the public type names none of valibot's types, which the docs cannot show.
function asReportSchema<Report>(schema: GenericSchema<unknown, Report>): ReportSchema<Report> {
  return schema as unknown as ReportSchema<Report>;
}
