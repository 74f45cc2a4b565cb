/**
 * Credentials for the AWS SDK v3 and for `aws4fetch`, for AWS and for S3-compatible servers such as Ceph's gateway.
 *
 * Use it for a client that lives longer than its keys: each request is signed with the present ones.
 *
 * More: [Clients](https://github.com/alphaswarm/credentials/blob/main/src/clients/README.md).
 *
 * @example The AWS SDK
 * ```ts
 * import { S3Client } from "npm:@aws-sdk/client-s3@^3.1173.0";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { awsCredentials } from "@alphaswarm/credentials/clients/aws";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "minio:static": {
 *       fields: { access_key: required(), secret_key: required() },
 *       from: { env: { prefix: "MINIO_" } },
 *     },
 *   },
 * });
 * const credentials = awsCredentials(getResolver(chain), "minio:static");
 * const s3 = new S3Client({ region: "us-east-1", credentials });
 * ```
 *
 * @module
 */
import type { Credential } from "../core/chain/credential.ts";
import { perCredential } from "../core/engine/per_credential.ts";
import type { FindOptions, KeyOf, Resolver } from "../core/engine/resolver.ts";
import { type ClientOptions, type Having, incompleteError, valuesOf } from "./having.ts";

export type { ClientOptions, Having };

/**
 * The fields of a credential that signs requests.
 *
 * @example Map what AWS calls them
 * ```ts
 * import { defineChain, env, getResolver, optional, required } from "@alphaswarm/credentials";
 * import { awsCredentials } from "@alphaswarm/credentials/clients/aws";
 *
 * const fields = {
 *   access_key: "AWS_ACCESS_KEY_ID",
 *   secret_key: "AWS_SECRET_ACCESS_KEY",
 *   session_token: "AWS_SESSION_TOKEN",
 * };
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "aws:keys": {
 *       fields: {
 *         access_key: required(),
 *         secret_key: required(),
 *         session_token: optional(),
 *       },
 *       from: { env: { fields } },
 *     },
 *   },
 * });
 * // A key without these fields does not compile.
 * const provider = awsCredentials(getResolver(chain), "aws:keys");
 * ```
 * @category Clients
 */
export interface AwsFields {
  /** The access key id. */
  readonly access_key: string;
  /** The secret access key. */
  readonly secret_key: string;
  /** The session token of a temporary credential. */
  readonly session_token?: string | undefined;
}

/**
 * The keys that sign requests, as the AWS SDK and `aws4fetch` take them.
 *
 * @example Keys for one request with aws4fetch
 * ```ts
 * import type { AwsKeys } from "@alphaswarm/credentials/clients/aws";
 * import { AwsClient } from "npm:aws4fetch@^1.0.20";
 *
 * export const signed = async (keys: AwsKeys, url: string): Promise<Request> =>
 *   await new AwsClient({ ...keys, service: "s3", region: "us-east-1" }).sign(url);
 * ```
 * @category Clients
 */
export interface AwsKeys {
  /** The access key id. */
  readonly accessKeyId: string;
  /** The secret access key. */
  readonly secretAccessKey: string;
  /** The session token of a temporary credential. */
  readonly sessionToken?: string;
}

/**
 * The keys with their expiry: the AWS SDK's `AwsCredentialIdentity`.
 *
 * @example How long the keys are still good
 * ```ts
 * import type { AwsIdentity } from "@alphaswarm/credentials/clients/aws";
 *
 * // In seconds.
 * export const secondsLeft = ({ expiration }: AwsIdentity): number =>
 *   expiration ? (expiration.getTime() - Date.now()) / 1_000 : Infinity;
 * ```
 * @category Clients
 */
export interface AwsIdentity extends AwsKeys {
  /** When the keys expire; absent if they do not. */
  readonly expiration?: Date;
}

/**
 * The AWS SDK's `AwsCredentialIdentityProvider`.
 *
 * @example Ask for the keys without the SDK
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { type AwsCredentialProvider, awsCredentials } from "@alphaswarm/credentials/clients/aws";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "s3:app": {
 *       fields: { access_key: required(), secret_key: required() },
 *       from: { env: { prefix: "S3_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, {
 *   env: { S3_ACCESS_KEY: "app", S3_SECRET_KEY: "not-a-secret" },
 * });
 * const provider: AwsCredentialProvider = awsCredentials(resolver, "s3:app");
 * console.log((await provider({ forceRefresh: true })).accessKeyId); // "app"
 * ```
 * @category Clients
 */
export interface AwsCredentialProvider {
  /** Gives the current keys. `forceRefresh` invalidates those that were given before. */
  (options?: { readonly forceRefresh?: boolean }): Promise<AwsIdentity>;
  /** Always `true`, so that the SDK asks before each request instead of caching keys without an expiry. */
  memoized: boolean;
}

/**
 * Creates a credential provider for the AWS SDK v3, for the option `credentials` of any of its clients. The SDK calls it
 * before each request, so the first request after a renewal or a rotation is signed with the new keys.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the fields `access_key` and `secret_key`, and optionally `session_token`.
 * @param options The caller's default, budget and `waitUntil`.
 * @returns The credential provider, which rejects with a `CredentialError` if the credential is not available, or if
 * temporary keys (`ASIA…`) lack their session token.
 *
 * @example With the AWS SDK
 * ```ts
 * import { S3Client } from "npm:@aws-sdk/client-s3@^3.1173.0";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { awsCredentials } from "@alphaswarm/credentials/clients/aws";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "ceph:app": {
 *       fields: { access_key: required(), secret_key: required() },
 *       from: { env: { prefix: "CEPH_" } },
 *     },
 *   },
 * });
 * const credentials = awsCredentials(getResolver(chain), "ceph:app", { budget: 5_000 });
 * const ceph = new S3Client({
 *   endpoint: "https://ceph.example",
 *   forcePathStyle: true,
 *   region: "default",
 *   credentials,
 * });
 * ```
 * @category Clients
 */
export function awsCredentials<C, K extends keyof Having<C, AwsFields> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: ClientOptions<C[K]>,
): AwsCredentialProvider {
  let current: Credential<C[K], K> | undefined;
  const provide = async ({ forceRefresh = false }: { readonly forceRefresh?: boolean } = {}): Promise<AwsIdentity> => {
    if (forceRefresh && current) resolver.invalidate(current);
    current = await resolver.resolve(key, options);
    const { expiresAt } = current;
    return { ...keysOf(current), ...(expiresAt === undefined ? {} : { expiration: new Date(expiresAt) }) };
  };
  return Object.assign(provide, { memoized: true });
}

/**
 * Creates a function that gives a client of `aws4fetch` with the current keys. The client is rebuilt only when the
 * credential changes.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @typeParam T The client.
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the fields `access_key` and `secret_key`, and optionally `session_token`.
 * @param build Creates a client from the keys; settings are on the credential.
 * @param options The caller's default, budget and `waitUntil`.
 * @returns The function, which rejects with a `CredentialError` if the credential is not available, or if temporary keys
 * (`ASIA…`) lack their session token.
 *
 * @example With aws4fetch
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { aws4fetch } from "@alphaswarm/credentials/clients/aws";
 * import { AwsClient } from "npm:aws4fetch@^1.0.20";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "minio:static": {
 *       fields: { access_key: required(), secret_key: required() },
 *       from: { env: { prefix: "MINIO_" } },
 *     },
 *   },
 * });
 * const s3 = aws4fetch(
 *   getResolver(chain),
 *   "minio:static",
 *   (keys) => new AwsClient({ ...keys, service: "s3" }),
 * );
 * // await (await s3()).fetch("https://minio.example/bucket/object")
 * ```
 * @category Clients
 */
export function aws4fetch<C, K extends keyof Having<C, AwsFields> & KeyOf<C>, T>(
  resolver: Resolver<C>,
  key: K,
  build: (keys: AwsKeys, credential: Credential<C[K], K>) => T,
  options?: ClientOptions<C[K]>,
): (call?: FindOptions) => Promise<T> {
  const client = perCredential(resolver, key, (credential) => build(keysOf(credential), credential));
  return (call) => client({ ...options, ...call });
}

function keysOf(credential: object): AwsKeys {
  const { access_key, secret_key, session_token } = valuesOf<AwsFields>(credential, NAMES);
  if (access_key.startsWith("ASIA") && session_token === undefined) {
    throw incompleteError(credential as Credential<never>, ["session_token"], ", which a temporary access_key needs");
  }
  return {
    accessKeyId: access_key,
    secretAccessKey: secret_key,
    ...(session_token === undefined ? {} : { sessionToken: session_token }),
  };
}

const NAMES = ["access_key", "secret_key", "session_token"] as const;
