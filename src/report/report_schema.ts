/**
 * A valibot schema of a report, for `parse`, `safeParse` and everything else that takes a valibot schema or a Standard
 * Schema.
 *
 * @typeParam Report The report.
 *
 * @example Validate without naming valibot
 * ```ts
 * import { checkSchema, type ReportSchema } from "@alphaswarm/credentials/report";
 *
 * function parse<Report>(schema: ReportSchema<Report>, json: string): Report {
 *   const result = schema["~standard"].validate(JSON.parse(json));
 *   if (result.issues) throw new TypeError(result.issues[0]?.message);
 *   return result.value;
 * }
 * const printed = '{ "version": 1, "ok": true, "credentials": [], "findings": [] }';
 * console.log(parse(checkSchema, printed).ok); // true
 * ```
 * @category Schemas
 */
export interface ReportSchema<Report> {
  /** The kind of a valibot object. */
  readonly kind: "schema";
  /** The type of a valibot schema. */
  readonly type: string;
  /** What it expects, in valibot's words. */
  readonly expects: string;
  /** Whether it is asynchronous. */
  readonly async: false;
  /** Its factory; for valibot alone. */
  readonly reference: (...args: unknown[]) => never;
  /** Validates a value; for valibot alone. */
  readonly "~run": (dataset: unknown, config: unknown) => never;
  /** Its input and output types. */
  readonly "~types"?: { readonly input: unknown; readonly output: Report; readonly issue: never } | undefined;
  /** The Standard Schema interface (https://standardschema.dev). */
  readonly "~standard": {
    /** The interface's version. */
    readonly version: 1;
    /** The library that made the schema. */
    readonly vendor: "valibot";
    /** Validates a value. */
    readonly validate: (value: unknown) => ReportResult<Report>;
  };
}

/**
 * The result of validating a value: the report, or its issues.
 *
 * @typeParam Report The report.
 *
 * @example The issues of an older report
 * ```ts
 * import { type CheckReport, checkSchema, type ReportResult } from "@alphaswarm/credentials/report";
 *
 * const result: ReportResult<CheckReport> = checkSchema["~standard"].validate({
 *   version: 0,
 *   ok: true,
 * });
 * console.log(result.issues?.[0]?.message); // "Invalid type: Expected 1 but received 0"
 * ```
 * @category Schemas
 */
export type ReportResult<Report> =
  | { readonly value: Report; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };
