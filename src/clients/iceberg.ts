/**
 * Credentials for Iceberg REST catalogs, such as Polaris: for `iceberg-js`, and for clients that take properties.
 *
 * @example
 * ```ts
 * import { IcebergRestCatalog } from "npm:iceberg-js@^1.0.0";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { icebergOptions } from "@alphaswarm/credentials/clients/iceberg";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "polaris:rest": { fields: { token: required() }, from: { env: { prefix: "POLARIS_" } } },
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
import type { KeyOf, Resolver } from "../resolver.ts";
import { credentialFetch, type TokenField } from "./fetch.ts";
import { type ClientOptions, type Having, valuesOf } from "./having.ts";

export type { ClientOptions, Having, TokenField };

/** What an Iceberg REST client authenticates with: one of these at least. @category Clients */
export type IcebergFields =
  | TokenField
  | {
    /** A client's id and secret, as `id:secret`. */
    readonly credential: string | undefined;
  };

/** What `iceberg-js` asks for: the part of `IcebergRestCatalogOptions` that authenticates. @category Clients */
export interface IcebergOptions {
  /** Adds the token of the moment to each request. */
  readonly fetch: typeof fetch;
}

/**
 * The properties of Iceberg's REST catalog that authenticate, as PyIceberg, Spark, Flink and Trino take them
 * (https://iceberg.apache.org/docs/latest/configuration/).
 *
 * @category Clients
 */
export interface IcebergProperties {
  /** A client's id and secret, as `id:secret`: the client gets its token itself. */
  readonly credential?: string;
  /** A bearer token. */
  readonly token?: string;
  /** Where the client gets its token. */
  readonly "oauth2-server-uri"?: string;
  /** What the token is asked for. */
  readonly scope?: string;
}

/**
 * Gives `iceberg-js` its credential, for its constructor's options. Each request has the token of the moment; where the
 * catalog says 401 or 403 it is obtained anew, and the request is sent once more if there is a new one.
 *
 * @param resolver Where the credential comes from.
 * @param key Which one: it has the field `token`.
 * @param options How it is asked for.
 * @returns The options.
 * @category Clients
 */
export function icebergOptions<C, K extends keyof Having<C, TokenField> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: ClientOptions<C[K]>,
): IcebergOptions {
  return { fetch: credentialFetch(resolver, key, { ...options, refreshOn: [401, 403] }) };
}

/**
 * Gives the properties that an Iceberg REST client authenticates with. They are of the moment: ask again for each client
 * that is built.
 *
 * @param resolver Where the credential comes from.
 * @param key Which one: it has the field `credential` or `token`, and may have `oauth2_server_uri` and `scope`.
 * @param options How it is asked for.
 * @returns The properties, those left out that the credential lacks.
 * @throws {CredentialError} Where the credential can't be given.
 * @category Clients
 */
export async function icebergProperties<C, K extends keyof Having<C, IcebergFields> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: ClientOptions<C[K]>,
): Promise<IcebergProperties> {
  const { oauth2_server_uri, ...rest } = valuesOf<Record<string, string>>(await resolver.resolve(key, options), NAMES);
  return oauth2_server_uri === undefined ? rest : { ...rest, "oauth2-server-uri": oauth2_server_uri };
}

const NAMES = ["credential", "token", "oauth2_server_uri", "scope"] as const;
