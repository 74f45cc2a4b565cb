/**
 * The part of the Standard Schema interface (https://standardschema.dev) that is used here: a schema of valibot, zod,
 * arktype or one of your own works, and none of them is a dependency.
 *
 * @category Chain
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The interface's own member. */
  readonly "~standard": {
    /** The interface's version. */
    readonly version: 1;
    /** The library that made the schema. */
    readonly vendor: string;
    /** Validates a value. A promise is refused: the schema of a field is synchronous. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** Its input and output types. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** The result of validating a value. @category Chain */
export interface SchemaResult<Output> {
  /** The validated value, unless there are issues. */
  readonly value?: Output;
  /** What is wrong with the value, if anything. */
  readonly issues?: readonly unknown[] | undefined;
}

/** The role of a field in its credential. @category Fields */
export type Presence = "required" | "optional" | "setting" | "destination";

/** One named value of a credential, as the chain declares it. @category Fields */
export interface Field<P extends Presence = Presence, Value = unknown, Raw = unknown, From extends string = string> {
  /** Its role. */
  readonly presence: P;
  /** Validates its value; without one, a non-blank string is expected. */
  readonly schema?: StandardSchema<Raw, Value>;
  /** Its value when no store has one. */
  readonly default?: Value;
  /** The stores, besides the one that gave the secret, that may say where it is sent. */
  readonly from?: readonly From[];
}

/** The fields of a credential, by name. @category Fields */
export type Fields<Store extends string = string> = Readonly<
  Record<string, Field<Presence, unknown, unknown, Store>>
>;

/** The names of the fields with a certain role. @category Fields */
export type NamesOf<F, P extends Presence> =
  & { [N in keyof F]: F[N] extends { readonly presence: P } ? N : never }[keyof F]
  & string;

/** The fields of a credential's identity. @category Fields */
export type IdentityFields<F> = {
  readonly [N in keyof F as F[N] extends { readonly presence: "required" | "optional" } ? N : never]: F[N];
};

/** The names of the identity fields, which always come from one store. @category Fields */
export type Identity<F> = keyof IdentityFields<F> & string;

/** What `get` returns for each field. @category Fields */
export type Values<F> = { readonly [N in keyof F]: F[N] extends Field<Presence, infer Value> ? Value : never };

/** What a store holds for each field, before its schema: `persist` and `ensure` take this. @category Fields */
export type RawValues<F> =
  & { readonly [N in NamesOf<F, "required">]: RawOf<F[N]> }
  & { readonly [N in Exclude<keyof F & string, NamesOf<F, "required">>]?: RawOf<F[N]> | undefined };

/** What a store holds for one field, before its schema. @category Fields */
export type RawOf<F> = F extends Field<Presence, unknown, infer Raw> ? Raw : never;

/** A caller's default: a whole identity in output values, and settings where the caller has them. @category Fields */
export type Default<F> =
  & { readonly [N in NamesOf<F, "required">]: Values<F>[N] }
  & { readonly [N in Exclude<keyof F & string, NamesOf<F, "required">>]?: Values<F>[N] | undefined };

/**
 * Declares an identity field that must be present.
 *
 * @param schema Validates its value (any Standard Schema); without one, a non-blank string is expected.
 * @returns The field's declaration.
 * @category Fields
 */
export function required(): Field<"required", string, string, never>;
/** Declares a required field with a schema. @category Fields */
export function required<Raw, Value>(schema: StandardSchema<Raw, Value>): Field<"required", Value, Raw, never>;
export function required(schema?: StandardSchema): Field {
  return { presence: "required", ...(schema && { schema }) };
}

/**
 * Declares an identity field that may be absent.
 *
 * @param schema Validates its value (any Standard Schema); without one, a non-blank string is expected.
 * @returns The field's declaration.
 * @category Fields
 */
export function optional(): Field<"optional", string | undefined, string, never>;
/** Declares an optional field with a schema. @category Fields */
export function optional<Raw, Value>(
  schema: StandardSchema<Raw, Value>,
): Field<"optional", Value | undefined, Raw, never>;
export function optional(schema?: StandardSchema): Field {
  return { presence: "optional", ...(schema && { schema }) };
}

/**
 * Declares a field outside the identity. Its value is the winning store's, else that of the store with the highest
 * priority that has it, else its default.
 *
 * @param schema Validates its value (any Standard Schema); without one, a non-blank string is expected.
 * @param options `default`: its value when no store has one.
 * @returns The field's declaration.
 * @category Fields
 */
export function setting(): Field<"setting", string | undefined, string, never>;
/** Declares a setting with a default. @category Fields */
export function setting(options: { readonly default: string }): Field<"setting", string, string, never>;
/** Declares a setting with a schema. @category Fields */
export function setting<Raw, Value>(
  schema: StandardSchema<Raw, Value>,
): Field<"setting", Value | undefined, Raw, never>;
/** Declares a setting with a schema and a default. @category Fields */
export function setting<Raw, Value>(
  schema: StandardSchema<Raw, Value>,
  options: { readonly default: Value },
): Field<"setting", Value, Raw, never>;
export function setting(
  first?: StandardSchema | { readonly default: unknown },
  options?: { readonly default: unknown },
): Field {
  const schema = first && "~standard" in first ? first : undefined;
  return { presence: "setting", ...(schema ? { schema, ...options } : first) };
}

/**
 * Declares a setting that says where the secret will be sent: a URL without user info. It comes from the winning store,
 * else only from the stores named in `from`, else its default. A store that cannot answer for it is an error, never an
 * absence.
 *
 * @param options `from`: the stores that may supply it besides the winner; `default`: its value when none does.
 * @returns The field's declaration.
 * @category Fields
 */
export function destination(): Field<"destination", string | undefined, string, never>;
/** Declares a destination that some stores may supply, with a default. @category Fields */
export function destination<const From extends string>(
  options: { readonly from: readonly From[]; readonly default: string },
): Field<"destination", string, string, From>;
/** Declares a destination that some stores may supply. @category Fields */
export function destination<const From extends string>(
  options: { readonly from: readonly From[] },
): Field<"destination", string | undefined, string, From>;
/** Declares a destination with a default. @category Fields */
export function destination(
  options: { readonly default: string },
): Field<"destination", string, string, never>;
export function destination(options: { readonly from?: readonly string[]; readonly default?: string } = {}): Field {
  return { presence: "destination", ...options };
}
