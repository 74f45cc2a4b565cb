/**
 * Credentials for clients of Iceberg REST catalogs such as Polaris.
 *
 * Use `icebergOptions` for `iceberg-js`, `icebergProperties` for clients that take properties, such as Spark and
 * PyIceberg, and `trinoIcebergProperties` for Trino.
 *
 * More: [Clients](https://github.com/alphaswarm/credentials/blob/main/src/clients/README.md).
 *
 * @example A catalog of iceberg-js
 * ```ts
 * import { IcebergRestCatalog } from "npm:iceberg-js@^1.0.0";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { icebergOptions } from "@alphaswarm/credentials/clients/iceberg";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { env: { prefix: "POLARIS_" } },
 *     },
 *   },
 * });
 * const catalog = new IcebergRestCatalog({
 *   baseUrl: "https://polaris.example/api/catalog",
 *   warehouse: "alphaswarm",
 *   ...icebergOptions(getResolver(chain), "polaris:rest"),
 * });
 * ```
 *
 * @module
 */
import { ambientOf } from "../core/engine/internals.ts";
import type { KeyOf, Resolver } from "../core/engine/resolver.ts";
import { credentialFetch, type TokenField } from "./fetch.ts";
import { type ClientOptions, type Having, incompleteError, valuesOf } from "./having.ts";

export type { ClientOptions, Having, TokenField };

/**
 * The fields that an Iceberg REST client authenticates with, at least one of them: `token`, a bearer token, or
 * `credential`, the client's id and secret as `id:secret`.
 *
 * @example Join the id and the secret of a document
 * ```ts
 * import { createResolver, defineChain, file, required } from "@alphaswarm/credentials";
 * import { icebergProperties } from "@alphaswarm/credentials/clients/iceberg";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * const from = {
 *   file: {
 *     document: "client.json",
 *     fields: { credential: "{client_id}:{client_secret}" },
 *   },
 * };
 * const chain = defineChain({
 *   stores: { file: file({ priority: 100, directory: "state" }) },
 *   credentials: { "polaris:rest": { fields: { credential: required() }, from } },
 * });
 * const files = {
 *   "state/client.json": '{ "client_id": "app", "client_secret": "not-a-secret" }',
 * };
 * const resolver = createResolver(chain, testHost({ files }));
 * const { credential } = await icebergProperties(resolver, "polaris:rest");
 * console.log(credential); // "app:not-a-secret"
 * ```
 * @category Clients
 */
export type IcebergFields =
  | TokenField
  | {
    /** The client's id and secret, as `id:secret`. */
    readonly credential: string | undefined;
  };

/**
 * How `icebergOptions` authenticates.
 *
 * @typeParam F The credential's fields.
 *
 * @example Only a 401 refuses the token
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { icebergOptions } from "@alphaswarm/credentials/clients/iceberg";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { env: { prefix: "POLARIS_" } },
 *     },
 *   },
 * });
 * const options = icebergOptions(getResolver(chain), "polaris:rest", {
 *   refreshOn: [401],
 *   budget: 5_000,
 * });
 * ```
 * @category Clients
 */
export interface IcebergClientOptions<F> extends ClientOptions<F> {
  /** The statuses that refuse the token; default `[401, 403, 419]`. */
  readonly refreshOn?: readonly number[] | undefined;
}

/**
 * The part of the `IcebergRestCatalogOptions` of `iceberg-js` that authenticates.
 *
 * @example A catalog with any authentication
 * ```ts
 * import type { IcebergOptions } from "@alphaswarm/credentials/clients/iceberg";
 * import { IcebergRestCatalog } from "npm:iceberg-js@^1.0.0";
 *
 * export const catalogAs = (authentication: IcebergOptions) =>
 *   new IcebergRestCatalog({
 *     baseUrl: "https://polaris.example/api/catalog",
 *     ...authentication,
 *   });
 * ```
 * @category Clients
 */
export interface IcebergOptions {
  /** Sends each request with the current token. */
  readonly fetch: typeof fetch;
}

/**
 * The properties of Iceberg's REST catalog that authenticate, as Spark and Flink take them, and PyIceberg those of them
 * that it knows (https://iceberg.apache.org/docs/latest/catalog-properties/, and `AuthProperties` and `OAuth2Properties`
 * of https://iceberg.apache.org/javadoc/latest/). Each value is a string.
 *
 * @example The configuration of a Spark session
 * ```ts
 * import type { IcebergProperties } from "@alphaswarm/credentials/clients/iceberg";
 *
 * // Some of them are secrets: do not print them.
 * export function sparkConfiguration(catalog: string, properties: IcebergProperties) {
 *   const prefix = `spark.sql.catalog.${catalog}.`;
 *   const entries = Object.entries(properties).map(([name, value]) => [prefix + name, value]);
 *   return Object.fromEntries(entries);
 * }
 * ```
 * @category Clients
 */
export interface IcebergProperties {
  /** The kind of authentication. Without it, Iceberg infers it from the other properties, with a warning. */
  readonly "rest.auth.type": "oauth2";
  /** The client's id and secret, as `id:secret`, with which the client requests its token. */
  readonly credential?: string;
  /** A bearer token. */
  readonly token?: string;
  /** The URL at which the client requests its token. */
  readonly "oauth2-server-uri"?: string;
  /** The scope that the client requests. */
  readonly scope?: string;
  /** How long the token is still valid, in milliseconds; absent if that is not known, or if there is a `credential`. */
  readonly "token-expires-in-ms"?: string;
  /** Keeps the client from renewing a token without a `credential`. */
  readonly "token-refresh-enabled"?: "false";
  /** Keeps the client from exchanging a token without a `credential`. Since Iceberg 1.10. */
  readonly "token-exchange-enabled"?: "false";
}

/**
 * The properties of a catalog of Trino's Iceberg connector that authenticate at an Iceberg REST catalog
 * (https://trino.io/docs/current/object-storage/metastores.html#rest-catalog). Each value is a string. Trino refuses a
 * catalog with a property that its version does not have.
 *
 * @example A statement that creates a catalog
 * ```ts
 * import type { TrinoIcebergProperties } from "@alphaswarm/credentials/clients/iceberg";
 *
 * // The statement contains a secret: run it, but never log it.
 * export function createCatalog(uri: string, properties: TrinoIcebergProperties): string {
 *   const all = {
 *     "iceberg.catalog.type": "rest",
 *     "iceberg.rest-catalog.uri": uri,
 *     ...properties,
 *   };
 *   const list = Object.entries(all).map(([name, value]) =>
 *     `"${name}" = '${value.replaceAll("'", "''")}'`
 *   );
 *   return `CREATE CATALOG lake USING iceberg WITH (${list.join(", ")})`;
 * }
 * ```
 * @category Clients
 */
export interface TrinoIcebergProperties {
  /** The kind of authentication. */
  readonly "iceberg.rest-catalog.security": "OAUTH2";
  /** The client's id and secret, as `id:secret`, with which Trino requests its token. */
  readonly "iceberg.rest-catalog.oauth2.credential"?: string;
  /** A bearer token; absent if there is a `credential`. */
  readonly "iceberg.rest-catalog.oauth2.token"?: string;
  /** The URL at which Trino requests its token. */
  readonly "iceberg.rest-catalog.oauth2.server-uri"?: string;
  /** The scope that Trino requests; absent without a `credential`, as Trino's documentation asks for. */
  readonly "iceberg.rest-catalog.oauth2.scope"?: string;
  /** Keeps Trino from renewing a token. Since Trino 474. */
  readonly "iceberg.rest-catalog.oauth2.token-refresh-enabled"?: "false";
  /** Keeps Trino from exchanging a token. Since Trino 479. */
  readonly "iceberg.rest-catalog.oauth2.token-exchange-enabled"?: "false";
}

/**
 * Creates the options with which the constructor of `iceberg-js` authenticates. Each request has the current token. If
 * the catalog answers 401, 403 or 419, which is the specification's `AuthenticationTimeoutResponse`
 * (https://github.com/apache/iceberg/blob/main/open-api/rest-catalog-open-api.yaml), the token is resolved again, and if
 * it changed the request is sent once more.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the field `token`.
 * @param options The statuses that refuse the token, the caller's default, budget and `waitUntil`.
 * @returns The options.
 *
 * @example A namespace of a catalog
 * ```ts
 * import { IcebergRestCatalog } from "npm:iceberg-js@^1.0.0";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { icebergOptions } from "@alphaswarm/credentials/clients/iceberg";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { env: { prefix: "POLARIS_" } },
 *     },
 *   },
 * });
 * const authentication = icebergOptions(getResolver(chain), "polaris:rest", {
 *   budget: 5_000,
 * });
 * const catalog = new IcebergRestCatalog({
 *   baseUrl: "https://polaris.example/api/catalog",
 *   ...authentication,
 * });
 * export const tables = () => catalog.listTables({ namespace: ["sales"] });
 * ```
 * @category Clients
 */
export function icebergOptions<C, K extends keyof Having<C, TokenField> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options: IcebergClientOptions<C[K]> = {},
): IcebergOptions {
  const { refreshOn = [401, 403, 419], ...resolveOptions } = options;
  return { fetch: credentialFetch(resolver, key, { ...resolveOptions, refreshOn }) };
}

/**
 * Resolves the properties that an Iceberg REST client authenticates with. With a `credential` the client renews its
 * token by itself. Without one, the properties tell it not to, since only the resolver can: resolve the properties
 * again for each new client, and before the token expires.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the field `credential` or `token`, and optionally `oauth2_server_uri` and
 * `scope`.
 * @param options The caller's default, budget and `waitUntil`.
 * @returns The properties that the credential has.
 * @throws {CredentialError} If the credential is not available.
 *
 * @example The properties of a token
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { icebergProperties } from "@alphaswarm/credentials/clients/iceberg";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { env: { prefix: "POLARIS_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, { env: { POLARIS_TOKEN: "not-a-secret" } });
 * console.log(Object.keys(await icebergProperties(resolver, "polaris:rest")));
 * // ["rest.auth.type", "token", "token-refresh-enabled", "token-exchange-enabled"]
 * ```
 * @category Clients
 */
export async function icebergProperties<C, K extends keyof Having<C, IcebergFields> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: ClientOptions<C[K]>,
): Promise<IcebergProperties> {
  const { credential, token, oauth2_server_uri, scope, expiresIn } = await oauth2Values(resolver, key, options);
  return {
    "rest.auth.type": "oauth2",
    ...given("credential", credential),
    ...given("token", token),
    ...given("oauth2-server-uri", oauth2_server_uri),
    ...given("scope", scope),
    ...(credential === undefined && {
      ...given("token-expires-in-ms", expiresIn),
      "token-refresh-enabled": "false",
      "token-exchange-enabled": "false",
    }),
  };
}

/**
 * Resolves the properties with which a catalog of Trino's Iceberg connector authenticates at an Iceberg REST catalog,
 * for `CREATE CATALOG` or a catalog's file. With a `credential` Trino renews its token by itself. Without one, the
 * properties tell it not to, and it keeps the token until the catalog is created again: do so before the token expires.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the field `credential` or `token`, and optionally `oauth2_server_uri` and
 * `scope`.
 * @param options The caller's default, budget and `waitUntil`.
 * @returns The properties: a `credential` and its scope, else a token.
 * @throws {CredentialError} If the credential is not available.
 *
 * @example The lines of a catalog's file
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { trinoIcebergProperties } from "@alphaswarm/credentials/clients/iceberg";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "polaris:rest": {
 *       fields: { credential: required() },
 *       from: { env: { prefix: "POLARIS_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, {
 *   env: { POLARIS_CREDENTIAL: "id:not-a-secret" },
 * });
 * console.log(Object.keys(await trinoIcebergProperties(resolver, "polaris:rest")));
 * // ["iceberg.rest-catalog.security", "iceberg.rest-catalog.oauth2.credential"]
 * ```
 * @category Clients
 */
export async function trinoIcebergProperties<C, K extends keyof Having<C, IcebergFields> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: ClientOptions<C[K]>,
): Promise<TrinoIcebergProperties> {
  const { credential, token, oauth2_server_uri, scope } = await oauth2Values(resolver, key, options);
  return {
    "iceberg.rest-catalog.security": "OAUTH2",
    ...given("iceberg.rest-catalog.oauth2.server-uri", oauth2_server_uri),
    ...(credential === undefined
      ? {
        ...given("iceberg.rest-catalog.oauth2.token", token),
        "iceberg.rest-catalog.oauth2.token-refresh-enabled": "false",
        "iceberg.rest-catalog.oauth2.token-exchange-enabled": "false",
      }
      : {
        "iceberg.rest-catalog.oauth2.credential": credential,
        ...given("iceberg.rest-catalog.oauth2.scope", scope),
      }),
  };
}

/** The fields of a credential that become properties, and how long it is still valid, in milliseconds. */
interface OAuth2Values {
  readonly credential?: string;
  readonly token?: string;
  readonly oauth2_server_uri?: string;
  readonly scope?: string;
  readonly expiresIn?: string;
}

async function oauth2Values<C, K extends KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options: ClientOptions<C[K]> | undefined,
): Promise<OAuth2Values> {
  const held = await resolver.resolve(key, options);
  const values = valuesOf<OAuth2Values>(held, ["credential", "token", "oauth2_server_uri", "scope"]);
  if (values.credential === undefined && values.token === undefined) {
    throw incompleteError(held, ["credential", "token"]);
  }
  if (held.expiresAt === undefined) return values;
  const left = Math.floor(held.expiresAt - ambientOf(resolver).clock.now());
  return { ...values, expiresIn: String(Math.max(left, 0)) };
}

function given<N extends string>(name: N, value: string | undefined): { readonly [name in N]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [name in N]?: string };
}
