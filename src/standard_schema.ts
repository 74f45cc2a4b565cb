/**
 * The part of the Standard Schema interface (https://standardschema.dev) that is used here, so that a schema of valibot,
 * zod, arktype or one's own serves, and none of them is a dependency.
 *
 * @category Chain
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The interface's own member. */
  readonly "~standard": {
    /** The interface's version. */
    readonly version: 1;
    /** Who made the schema. */
    readonly vendor: string;
    /** Checks a value. A promise is refused: a field's schema is synchronous. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** The types that it takes and gives. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value. @category Chain */
export interface SchemaResult<Output> {
  /** What it gives, unless there are issues. */
  readonly value?: Output;
  /** What is wrong with the value, if anything. */
  readonly issues?: readonly unknown[] | undefined;
}
