/**
 * Credentials for clients of Iceberg REST catalogs such as Polaris: `iceberg-js`, and clients that take properties.
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
import type { KeyOf, Resolver } from "../core/engine/resolver.ts";
import { credentialFetch, type TokenField } from "./fetch.ts";
import { type ClientOptions, type Having, valuesOf } from "./having.ts";

export type { ClientOptions, Having, TokenField };

/** The fields that an Iceberg REST client authenticates with: at least one of them. @category Clients */
export type IcebergFields =
  | TokenField
  | {
    /** The client's id and secret, as `id:secret`. */
    readonly credential: string | undefined;
  };

/** The part of the `IcebergRestCatalogOptions` of `iceberg-js` that authenticates. @category Clients */
export interface IcebergOptions {
  /** Sends each request with the current token. */
  readonly fetch: typeof fetch;
}

/**
 * The properties of Iceberg's REST catalog that authenticate, as PyIceberg, Spark, Flink and Trino take them
 * (https://iceberg.apache.org/docs/latest/configuration/).
 *
 * @category Clients
 */
export interface IcebergProperties {
  /** The client's id and secret, as `id:secret`, with which the client requests its token. */
  readonly credential?: string;
  /** A bearer token. */
  readonly token?: string;
  /** The URL at which the client requests its token. */
  readonly "oauth2-server-uri"?: string;
  /** The scope that the client requests. */
  readonly scope?: string;
}

/**
 * Creates the options with which the constructor of `iceberg-js` authenticates. Each request has the current token. If
 * the catalog answers 401 or 403 the token is resolved again, and if it changed the request is sent once more.
 *
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the field `token`.
 * @param options The caller's default, budget and `waitUntil`.
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
 * Resolves the properties that an Iceberg REST client authenticates with. They do not follow a renewal: resolve them
 * again for each new client.
 *
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the field `credential` or `token`, and optionally `oauth2_server_uri` and
 * `scope`.
 * @param options The caller's default, budget and `waitUntil`.
 * @returns The properties that the credential has.
 * @throws {CredentialError} If the credential is not available.
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
