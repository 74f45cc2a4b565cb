/**
 * The part of the Standard Schema interface (https://standardschema.dev) that is used here: a schema of valibot, zod,
 * arktype or one of your own works, and none of them is a dependency.
 *
 * @typeParam Input What a store holds.
 * @typeParam Output What `get` returns.
 *
 * @example A schema of your own
 * ```ts
 * import { setting, type StandardSchema } from "@alphaswarm/credentials";
 *
 * const port: StandardSchema<string, number> = {
 *   "~standard": {
 *     version: 1,
 *     vendor: "example",
 *     validate: (text) =>
 *       /^\d+$/.test(`${text}`) ? { value: Number(text) } : { issues: ["not a port"] },
 *   },
 * };
 * const field = setting(port, { default: 7687 }); // get("port") is a number
 * ```
 * @category Fields
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

/**
 * The result of validating a value.
 *
 * @example A value, or what is wrong
 * ```ts
 * import type { SchemaResult } from "@alphaswarm/credentials";
 *
 * const good: SchemaResult<number> = { value: 7687 };
 * // With such a value, a store's answer is `invalid`.
 * const bad: SchemaResult<number> = { issues: ["not a port"] };
 * ```
 * @category Fields
 */
export interface SchemaResult<Output> {
  /** The validated value, unless there are issues. */
  readonly value?: Output;
  /** What is wrong with the value, if anything. */
  readonly issues?: readonly unknown[] | undefined;
}

/**
 * The role of a field in its credential.
 *
 * @example Each role, and what declares it
 * ```ts
 * import { destination, optional, type Presence, required, setting } from "@alphaswarm/credentials";
 *
 * const fields = [required(), optional(), setting(), destination()];
 * const roles: readonly Presence[] = fields.map(({ presence }) => presence);
 * console.log(roles); // ["required", "optional", "setting", "destination"]
 * ```
 * @category Fields
 */
export type Presence = "required" | "optional" | "setting" | "destination";

/**
 * One named value of a credential, as the chain declares it.
 *
 * @typeParam P Its role.
 * @typeParam Value What `get` returns.
 * @typeParam Raw What a store holds.
 * @typeParam From The names of the stores that may supply a destination.
 *
 * @example What a field says about itself
 * ```ts
 * import { destination, type Field } from "@alphaswarm/credentials";
 *
 * const uri: Field<"destination", string> = destination({
 *   from: ["env"],
 *   default: "https://polaris.example",
 * });
 * console.log(uri.presence, uri.from, uri.default);
 * // "destination", ["env"], "https://polaris.example"
 * ```
 * @category Fields
 */
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

/**
 * The fields of a credential, by name.
 *
 * @example Fields that several credentials have
 * ```ts
 * import { defineChain, env, type Fields, required } from "@alphaswarm/credentials";
 *
 * const basic = { user: required(), password: required() } satisfies Fields;
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:reader": { fields: basic, from: { env: { prefix: "NEO4J_READER_" } } },
 *     "neo4j:writer": { fields: basic, from: { env: { prefix: "NEO4J_WRITER_" } } },
 *   },
 * });
 * ```
 * @category Fields
 */
export type Fields<Store extends string = string> = Readonly<
  Record<string, Field<Presence, unknown, unknown, Store>>
>;

/**
 * The names of the fields with a certain role.
 *
 * @typeParam F The fields.
 * @typeParam P The role.
 *
 * @example The settings of a credential
 * ```ts
 * import { type NamesOf, required, setting } from "@alphaswarm/credentials";
 *
 * const fields = { password: required(), database: setting(), region: setting() };
 * // "password" would not compile.
 * const settings: NamesOf<typeof fields, "setting">[] = ["database", "region"];
 * ```
 * @category Fields
 */
export type NamesOf<F, P extends Presence> =
  & { [N in keyof F]: F[N] extends { readonly presence: P } ? N : never }[keyof F]
  & string;

/**
 * The fields of a credential's identity.
 *
 * @typeParam F The fields.
 *
 * @example A setting is not part of it
 * ```ts
 * import { type IdentityFields, required, setting } from "@alphaswarm/credentials";
 *
 * const password = required();
 * const fields = { password, database: setting() };
 * const identity: IdentityFields<typeof fields> = { password };
 * ```
 * @category Fields
 */
export type IdentityFields<F> = {
  readonly [N in keyof F as F[N] extends { readonly presence: "required" | "optional" } ? N : never]: F[N];
};

/**
 * The names of the identity fields, which always come from one store.
 *
 * @typeParam F The fields.
 *
 * @example Each field of an identity has the credential's source
 * ```ts
 * import type { Credential, Fields, Identity } from "@alphaswarm/credentials";
 *
 * function cameFrom<F extends Fields>(
 *   credential: Credential<F>,
 *   name: Identity<F>,
 * ): string | undefined {
 *   // The credential's source, or `undefined` if the field is absent.
 *   return credential.sourceOf(name);
 * }
 * ```
 * @category Fields
 */
export type Identity<F> = keyof IdentityFields<F> & string;

/**
 * What `get` returns for each field.
 *
 * @typeParam F The fields.
 *
 * @example A function of a credential's values
 * ```ts
 * import { optional, required, setting, type Values } from "@alphaswarm/credentials";
 *
 * const fields = {
 *   user: required(),
 *   realm: optional(),
 *   database: setting({ default: "neo4j" }),
 * };
 * function address({ user, realm, database }: Values<typeof fields>): string {
 *   return `${user}${realm === undefined ? "" : `@${realm}`}/${database}`;
 * }
 * console.log(address({ user: "reader", realm: undefined, database: "neo4j" }));
 * // "reader/neo4j"
 * ```
 * @category Fields
 */
export type Values<F> = { readonly [N in keyof F]: F[N] extends Field<Presence, infer Value> ? Value : never };

/**
 * What a store holds for each field, before its schema: `persist` and `ensure` take this.
 *
 * @typeParam F The fields.
 *
 * @example What a bootstrap step has to give
 * ```ts
 * import { optional, type RawValues, required } from "@alphaswarm/credentials";
 *
 * const fields = { client_id: required(), client_secret: required(), realm: optional() };
 * const minted: RawValues<typeof fields> = {
 *   client_id: "root",
 *   client_secret: "not-a-secret",
 * };
 * ```
 * @category Fields
 */
export type RawValues<F> =
  & { readonly [N in NamesOf<F, "required">]: RawOf<F[N]> }
  & { readonly [N in Exclude<keyof F & string, NamesOf<F, "required">>]?: RawOf<F[N]> | undefined };

/**
 * What a store holds for one field, before its schema.
 *
 * @typeParam F The field.
 *
 * @example Text, without a schema
 * ```ts
 * import { type RawOf, required } from "@alphaswarm/credentials";
 *
 * const password = required();
 * const held: RawOf<typeof password> = "not-a-secret";
 * ```
 * @category Fields
 */
export type RawOf<F> = F extends Field<Presence, unknown, infer Raw> ? Raw : never;

/**
 * A caller's default: a whole identity in output values, and settings if the caller has them.
 *
 * @typeParam F The fields.
 *
 * @example A part of an identity does not compile
 * ```ts
 * import { type Default, required, setting } from "@alphaswarm/credentials";
 *
 * const fields = { user: required(), password: required(), database: setting() };
 * const local: Default<typeof fields> = { user: "neo4j", password: "not-a-secret" };
 * // @ts-expect-error: the password is missing
 * const half: Default<typeof fields> = { user: "neo4j" };
 * ```
 * @category Fields
 */
export type Default<F> =
  & { readonly [N in NamesOf<F, "required">]: Values<F>[N] }
  & { readonly [N in Exclude<keyof F & string, NamesOf<F, "required">>]?: Values<F>[N] | undefined };

/**
 * Declares an identity field that must be present: a string that is not blank.
 *
 * @returns The field's declaration.
 *
 * @example A store with a user and no password has half of it
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
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
 * const resolver = createResolver(chain, { env: { NEO4J_USER: "reader" } });
 * console.log(await resolver.resolve("neo4j:basic").catch(({ code }) => code));
 * // "incomplete"
 * ```
 * @category Fields
 */
export function required(): Field<"required", string, string, never>;
/**
 * Declares an identity field that must be present, with a schema.
 *
 * @typeParam Raw What a store holds.
 * @typeParam Value What `get` returns.
 * @param schema Validates its value (any Standard Schema).
 * @returns The field's declaration.
 * @category Fields
 */
export function required<Raw, Value>(schema: StandardSchema<Raw, Value>): Field<"required", Value, Raw, never>;
export function required(schema?: StandardSchema): Field {
  return { presence: "required", ...(schema && { schema }) };
}

/**
 * Declares an identity field that may be absent: a string that is not blank.
 *
 * @returns The field's declaration.
 *
 * @example A session token belongs to the keys, and long-lived keys have none
 * ```ts
 * import { defineChain, env, optional, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "s3:keys": {
 *       fields: {
 *         access_key_id: required(),
 *         secret_access_key: required(),
 *         session_token: optional(),
 *       },
 *       from: { env: { prefix: "AWS_" } },
 *     },
 *   },
 * });
 * ```
 * @category Fields
 */
export function optional(): Field<"optional", string | undefined, string, never>;
/**
 * Declares an identity field that may be absent, with a schema.
 *
 * @typeParam Raw What a store holds.
 * @typeParam Value What `get` returns.
 * @param schema Validates its value (any Standard Schema).
 * @returns The field's declaration.
 * @category Fields
 */
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
 * @returns The field's declaration.
 *
 * @example A database that need not be named
 * ```ts
 * import { createResolver, defineChain, env, required, setting } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required(), database: setting({ default: "neo4j" }) },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, { env: { NEO4J_PASSWORD: "not-a-secret" } });
 * const credential = await resolver.resolve("neo4j:basic");
 * console.log(credential.get("database"), credential.sourceOf("database"));
 * // "neo4j", "default"
 * ```
 * @category Fields
 */
export function setting(): Field<"setting", string | undefined, string, never>;
/**
 * Declares a setting with a default.
 *
 * @param options `default`: its value when no store has one.
 * @returns The field's declaration.
 * @category Fields
 */
export function setting(options: { readonly default: string }): Field<"setting", string, string, never>;
/**
 * Declares a setting with a schema.
 *
 * @typeParam Raw What a store holds.
 * @typeParam Value What `get` returns.
 * @param schema Validates its value (any Standard Schema).
 * @returns The field's declaration.
 * @category Fields
 */
export function setting<Raw, Value>(
  schema: StandardSchema<Raw, Value>,
): Field<"setting", Value | undefined, Raw, never>;
/**
 * Declares a setting with a schema and a default.
 *
 * @typeParam Raw What a store holds.
 * @typeParam Value What `get` returns.
 * @param schema Validates its value (any Standard Schema).
 * @param options `default`: its value when no store has one, as `get` returns it.
 * @returns The field's declaration.
 * @category Fields
 */
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
 * @returns The field's declaration.
 *
 * @example A file has the password, and a variable may say where it is sent
 * ```ts
 * import { defineChain, destination, env, file, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: {
 *     file: file({ priority: 200, directory: "data" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: {
 *         password: required(),
 *         uri: destination({ from: ["env"], default: "bolt://localhost:7687" }),
 *       },
 *       from: { file: "neo4j-credentials.json", env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * ```
 * @category Fields
 */
export function destination(): Field<"destination", string | undefined, string, never>;
/**
 * Declares a destination that some stores may supply, with a default.
 *
 * @typeParam From The names of the stores.
 * @param options `from`: the stores that may supply it besides the winner; `default`: its value when none does.
 * @returns The field's declaration.
 * @category Fields
 */
export function destination<const From extends string>(
  options: { readonly from: readonly From[]; readonly default: string },
): Field<"destination", string, string, From>;
/**
 * Declares a destination that some stores may supply.
 *
 * @typeParam From The names of the stores.
 * @param options `from`: the stores that may supply it besides the winner.
 * @returns The field's declaration.
 * @category Fields
 */
export function destination<const From extends string>(
  options: { readonly from: readonly From[] },
): Field<"destination", string | undefined, string, From>;
/**
 * Declares a destination with a default.
 *
 * @param options `default`: its value when no store has one.
 * @returns The field's declaration.
 * @category Fields
 */
export function destination(
  options: { readonly default: string },
): Field<"destination", string, string, never>;
export function destination(options: { readonly from?: readonly string[]; readonly default?: string } = {}): Field {
  return { presence: "destination", ...options };
}
