import { toJsonSchema } from "@valibot/to-json-schema";
import type { ChainDescription } from "../core/engine/describe.ts";
import type { CheckReport } from "./check.ts";
import type { Explanation } from "./explain.ts";
import type { PermissionsReport } from "./permissions.ts";
import type { GenericSchema } from "valibot";
import type { ReportSchema } from "./report_schema.ts";
import type { InitReport, PersistReport } from "./written_reports.ts";
import * as reports from "./report_schemas.ts";

/**
 * The valibot schema of what `resolver.describe()` returns, `describe --json` prints and the route serves.
 *
 * @example Read what the describe route serves
 * ```ts
 * import { createResolver, defineChain, env } from "@alphaswarm/credentials";
 * import { descriptionSchema } from "@alphaswarm/credentials/report";
 * import { parse } from "npm:valibot@^1.5.0";
 *
 * const chain = defineChain({ stores: { env: env({ priority: 100 }) }, credentials: {} });
 * // In a program: await fetch("https://app.example/credentials")
 * const served = Response.json(createResolver(chain).describe());
 * const { stores } = parse(descriptionSchema, await served.json());
 * console.log(stores.map(({ name, state }) => [name, state])); // [["env", "on"]]
 * ```
 * @category Schemas
 */
export const descriptionSchema: ReportSchema<ChainDescription> = asReportSchema(reports.description);

/**
 * The valibot schema of what `explain` returns.
 *
 * @example Read what explain --json printed
 * ```ts
 * import { explanationSchema } from "@alphaswarm/credentials/report";
 * import { parse } from "npm:valibot@^1.5.0";
 *
 * const printed =
 *   '{ "version": 1, "key": "db:user", "source": "env", "degraded": false, "fields": {}, "trace": [] }';
 * console.log(parse(explanationSchema, JSON.parse(printed)).source); // "env"
 * ```
 * @category Schemas
 */
export const explanationSchema: ReportSchema<Explanation> = asReportSchema(reports.explanation);

/**
 * The valibot schema of what `check` returns.
 *
 * @example Read what check --json printed
 * ```ts
 * import { checkSchema } from "@alphaswarm/credentials/report";
 * import { parse } from "npm:valibot@^1.5.0";
 *
 * const printed =
 *   '{ "version": 1, "ok": false, "credentials": [{ "key": "db:user", "ok": false }], "findings": [] }';
 * const { credentials } = parse(checkSchema, JSON.parse(printed));
 * console.log(credentials.filter(({ ok }) => !ok).map(({ key }) => key)); // ["db:user"]
 * ```
 * @category Schemas
 */
export const checkSchema: ReportSchema<CheckReport> = asReportSchema(reports.check);

/**
 * The valibot schema of what `permissions` returns.
 *
 * @example Read what permissions --json printed
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { permissions, permissionsSchema } from "@alphaswarm/credentials/report";
 * import { is } from "npm:valibot@^1.5.0";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { env: { prefix: "DB_" } } },
 *   },
 * });
 * const printed = JSON.stringify(permissions(chain));
 * console.log(is(permissionsSchema, JSON.parse(printed))); // true
 * ```
 * @category Schemas
 */
export const permissionsSchema: ReportSchema<PermissionsReport> = asReportSchema(reports.permissions);

/**
 * The valibot schema of what `init --json` prints.
 *
 * @example Read what init --json printed
 * ```ts
 * import { initSchema } from "@alphaswarm/credentials/report";
 * import { parse } from "npm:valibot@^1.5.0";
 *
 * const printed =
 *   '{ "version": 1, "config": "chain.config.ts", "stores": ["file", "env"], "services": [] }';
 * console.log(parse(initSchema, JSON.parse(printed)).stores); // ["file", "env"]
 * ```
 * @category Schemas
 */
export const initSchema: ReportSchema<InitReport> = asReportSchema(reports.init);

/**
 * The valibot schema of what `persist --json` prints.
 *
 * @example Read where a credential was written
 * ```ts
 * import { persistSchema } from "@alphaswarm/credentials/report";
 * import { parse } from "npm:valibot@^1.5.0";
 *
 * const printed =
 *   '{ "version": 1, "key": "db:user", "store": "file", "names": ["db.json#user"] }';
 * console.log(parse(persistSchema, JSON.parse(printed)).store); // "file"
 * ```
 * @category Schemas
 */
export const persistSchema: ReportSchema<PersistReport> = asReportSchema(reports.persist);

const DRAFT = "https://json-schema.org/draft/2020-12/schema";

/**
 * The report that a schema is for.
 *
 * @example What a report must have
 * ```ts
 * import { reportJsonSchema, type ReportName } from "@alphaswarm/credentials/report";
 *
 * const required = (report: ReportName) => reportJsonSchema(report).required;
 * console.log(required("check")); // ["version", "ok", "credentials", "findings"]
 * ```
 * @category Schemas
 */
export type ReportName = "description" | "explanation" | "check" | "permissions" | "init" | "persist";

// Hint: not by release, since an id must stay the same, and the newest schema accepts what all releases print.
const FOLDER = "https://raw.githubusercontent.com/alphaswarm/credentials/main/src/report/schemas/";

/**
 * Returns the JSON Schema (draft 2020-12) of a report, generated from its valibot schema. Its `$id` is the address of the
 * same schema as a file, by the `version` in the report; npm's package has it as `./schemas/describe.v1.json`.
 *
 * A later release may add optional members to a version of a report, so validate a report with the schema of the
 * release that printed it, or of a newer one.
 *
 * @param report Which report.
 * @returns The schema, as data.
 *
 * @example The members of a description
 * ```ts
 * import { reportJsonSchema } from "@alphaswarm/credentials/report";
 *
 * console.log(reportJsonSchema("description").required);
 * // ["version", "stores", "credentials"]
 * ```
 * @category Schemas
 */
export function reportJsonSchema(report: ReportName): Readonly<Record<string, unknown>> {
  const $id = `${FOLDER}${COMMANDS[report] ?? report}.v1.json`;
  return { $schema: DRAFT, $id, ...toJsonSchema(reports[report], { target: "draft-2020-12" }) };
}

/** The commands that print a report with another name. */
const COMMANDS: { readonly [Report in ReportName]?: string } = { description: "describe", explanation: "explain" };

// Hint: the public type names none of valibot's types, which the docs cannot show.
// @__NO_SIDE_EFFECTS__
function asReportSchema<Report>(schema: GenericSchema<unknown, Report>): ReportSchema<Report> {
  return schema as unknown as ReportSchema<Report>;
}
