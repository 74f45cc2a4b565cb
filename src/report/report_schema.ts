/**
 * A valibot schema of a report: `parse`, `safeParse` and whatever takes a valibot schema or a Standard Schema take it.
 *
 * @typeParam Report What fits it.
 * @category Schemas
 */
export interface ReportSchema<Report> {
  /** What kind of valibot's objects it is. */
  readonly kind: "schema";
  /** Which of valibot's schemas it is. */
  readonly type: string;
  /** What it expects, in valibot's words. */
  readonly expects: string;
  /** Whether it answers later. */
  readonly async: false;
  /** What made it; for valibot alone. */
  readonly reference: (...args: unknown[]) => never;
  /** Checks a value; for valibot alone. */
  readonly "~run": (dataset: unknown, config: unknown) => never;
  /** The types that it takes and gives. */
  readonly "~types"?: { readonly input: unknown; readonly output: Report; readonly issue: never } | undefined;
  /** The Standard Schema interface (https://standardschema.dev). */
  readonly "~standard": {
    /** The interface's version. */
    readonly version: 1;
    /** Who made the schema. */
    readonly vendor: "valibot";
    /** Checks a value. */
    readonly validate: (value: unknown) => ReportResult<Report>;
  };
}

/** What a schema says of a value: the report, or what is wrong with it. @category Schemas */
export type ReportResult<Report> =
  | { readonly value: Report; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };
