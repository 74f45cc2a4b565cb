import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import type { ChainDescription } from "../describe.ts";
import type { CheckReport } from "./check.ts";
import type { Explanation } from "./explain.ts";
import type { PermissionsReport } from "./permissions.ts";
import * as reports from "./report_schemas.ts";

/** The valibot schema of what `resolver.describe()` gives, `describe --json` prints and the route serves. @category Schemas */
export const descriptionSchema: GenericSchema<unknown, ChainDescription> = reports.description;

/** The valibot schema of what `explain` gives. @category Schemas */
export const explanationSchema: GenericSchema<unknown, Explanation> = reports.explanation;

/** The valibot schema of what `check` gives. @category Schemas */
export const checkSchema: GenericSchema<unknown, CheckReport> = reports.check;

/** The valibot schema of what `permissions` gives. @category Schemas */
export const permissionsSchema: GenericSchema<unknown, PermissionsReport> = reports.permissions;

const DRAFT = "https://json-schema.org/draft/2020-12/schema";

/** Which report a schema is of. @category Schemas */
export type ReportName = "description" | "explanation" | "check" | "permissions";

/**
 * The JSON Schema (draft 2020-12) of a report, generated from its valibot schema.
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
