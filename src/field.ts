import type { StandardSchema } from "./standard_schema.ts";

/** What part a field plays in its credential. @category Fields */
export type Presence = "required" | "optional" | "setting" | "destination";

/** One named value of a credential, as the chain declares it. @category Fields */
export interface Field<P extends Presence = Presence, Value = unknown, Raw = unknown, From extends string = string> {
  /** What part it plays. */
  readonly presence: P;
  /** What it must look like; without one, a text that is not blank. */
  readonly schema?: StandardSchema<Raw, Value>;
  /** What it is when no store has it. */
  readonly default?: Value;
  /** The stores that may say where a secret is sent, besides the one that gave the secret. */
  readonly from?: readonly From[];
}

/** The fields of a credential, by name. @category Fields */
export type Fields<Store extends string = string> = Readonly<
  Record<string, Field<Presence, unknown, unknown, Store>>
>;

/** The names of the fields that play a certain part. @category Fields */
export type NamesOf<F, P extends Presence> =
  & { [N in keyof F]: F[N] extends { readonly presence: P } ? N : never }[keyof F]
  & string;

/** The fields of a credential's identity. @category Fields */
export type IdentityFields<F> = {
  readonly [N in keyof F as F[N] extends { readonly presence: "required" | "optional" } ? N : never]: F[N];
};

/** The names of a credential's identity: always from one store. @category Fields */
export type Identity<F> = keyof IdentityFields<F> & string;

/** What `get` gives for each field. @category Fields */
export type Values<F> = { readonly [N in keyof F]: F[N] extends Field<Presence, infer Value> ? Value : never };

/** What a store holds for each field, before its schema: `persist` and `ensure` take this. @category Fields */
export type RawValues<F> =
  & { readonly [N in NamesOf<F, "required">]: RawOf<F[N]> }
  & { readonly [N in Exclude<keyof F & string, NamesOf<F, "required">>]?: RawOf<F[N]> | undefined };

/** What a store holds for one field, before its schema. @category Fields */
export type RawOf<F> = F extends Field<Presence, unknown, infer Raw> ? Raw : never;

/** A caller's default: a whole identity, as `get` would give it, and settings where the caller has them. @category Fields */
export type Default<F> =
  & { readonly [N in NamesOf<F, "required">]: Values<F>[N] }
  & { readonly [N in Exclude<keyof F & string, NamesOf<F, "required">>]?: Values<F>[N] | undefined };

/**
 * A field of the identity that must be there.
 *
 * @param schema What it must look like (any Standard Schema); without one, a text that is not blank.
 * @returns The field's declaration.
 * @category Fields
 */
export function required(): Field<"required", string, string, never>;
/** Creates a required field with a schema. @category Fields */
export function required<Raw, Value>(schema: StandardSchema<Raw, Value>): Field<"required", Value, Raw, never>;
export function required(schema?: StandardSchema): Field {
  return { presence: "required", ...(schema && { schema }) };
}

/**
 * A field of the identity that may be absent.
 *
 * @param schema What it must look like (any Standard Schema); without one, a text that is not blank.
 * @returns The field's declaration.
 * @category Fields
 */
export function optional(): Field<"optional", string | undefined, string, never>;
/** Creates an optional field with a schema. @category Fields */
export function optional<Raw, Value>(
  schema: StandardSchema<Raw, Value>,
): Field<"optional", Value | undefined, Raw, never>;
export function optional(schema?: StandardSchema): Field {
  return { presence: "optional", ...(schema && { schema }) };
}

/**
 * A field that is no part of the identity: the winner's value, else that of the highest store that has it, else the
 * default.
 *
 * @param schema What it must look like (any Standard Schema); without one, a text that is not blank.
 * @param options `default`: what it is when no store has it.
 * @returns The field's declaration.
 * @category Fields
 */
export function setting(): Field<"setting", string | undefined, string, never>;
/** Creates a setting with a default. @category Fields */
export function setting(options: { readonly default: string }): Field<"setting", string, string, never>;
/** Creates a setting with a schema. @category Fields */
export function setting<Raw, Value>(
  schema: StandardSchema<Raw, Value>,
): Field<"setting", Value | undefined, Raw, never>;
/** Creates a setting with a schema and a default. @category Fields */
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
 * A setting that says where the secret will be sent: a URL without user info, from the winner, else only from the
 * stores that `from` names, else the default. There, a store that can't be asked is an error and never an absence.
 *
 * @param options `from`: the stores that may say it besides the winner; `default`: what it is when none does.
 * @returns The field's declaration.
 * @category Fields
 */
export function destination(): Field<"destination", string | undefined, string, never>;
/** Creates a destination that some stores may say, with a default. @category Fields */
export function destination<const From extends string>(
  options: { readonly from: readonly From[]; readonly default: string },
): Field<"destination", string, string, From>;
/** Creates a destination that some stores may say. @category Fields */
export function destination<const From extends string>(
  options: { readonly from: readonly From[] },
): Field<"destination", string | undefined, string, From>;
/** Creates a destination with a default. @category Fields */
export function destination(
  options: { readonly default: string },
): Field<"destination", string, string, never>;
export function destination(options: { readonly from?: readonly string[]; readonly default?: string } = {}): Field {
  return { presence: "destination", ...options };
}
