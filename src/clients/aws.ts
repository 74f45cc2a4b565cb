/**
 * Credentials for the AWS SDK v3 and for `aws4fetch`: for S3, and for MinIO and Ceph, which speak the same.
 *
 * @example
 * ```ts
 * import { S3Client } from "npm:@aws-sdk/client-s3@^3.1173.0";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { awsCredentials } from "@alphaswarm/credentials/clients/aws";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "minio:static": { fields: { access_key: required(), secret_key: required() }, from: { env: { prefix: "MINIO_" } } },
 *   },
 * });
 * const credentials = awsCredentials(getResolver(chain), "minio:static");
 * const s3 = new S3Client({ region: "us-east-1", credentials });
 * ```
 *
 * @module
 */
import type { Credential } from "../credential.ts";
import { perCredential } from "../per_credential.ts";
import type { FindOptions, KeyOf, Resolver } from "../resolver.ts";
import { type ClientOptions, type Having, valuesOf } from "./having.ts";

export type { ClientOptions, Having };

/** The fields that a request is signed with. @category Clients */
export interface AwsFields {
  /** The access key's id. */
  readonly access_key: string;
  /** The secret access key. */
  readonly secret_key: string;
  /** The session's token, where the credential is temporary. */
  readonly session_token?: string | undefined;
}

/** What a request is signed with, in the words of the AWS SDK and of `aws4fetch`. @category Clients */
export interface AwsKeys {
  /** The access key's id. */
  readonly accessKeyId: string;
  /** The secret access key. */
  readonly secretAccessKey: string;
  /** The session's token, where the credential is temporary. */
  readonly sessionToken?: string;
}

/** The same, and until when: the AWS SDK's `AwsCredentialIdentity`. @category Clients */
export interface AwsIdentity extends AwsKeys {
  /** When it is no longer good. */
  readonly expiration?: Date;
}

/** The AWS SDK's `AwsCredentialIdentityProvider`. @category Clients */
export interface AwsCredentialProvider {
  /** Gives what requests are signed with; `forceRefresh` says that what it gave before was refused. */
  (options?: { readonly forceRefresh?: boolean }): Promise<AwsIdentity>;
  /** Has the SDK ask before each request: it would keep an answer without an expiry for ever. */
  memoized: boolean;
}

/**
 * Gives the AWS SDK v3 its credential: for the option `credentials` of any of its clients. It is asked before each
 * request, so that the first request after a renewal or a rotation is signed with the new one.
 *
 * @param resolver Where the credential comes from.
 * @param key Which one: it has the fields `access_key` and `secret_key`, and may have `session_token`.
 * @param options How it is asked for.
 * @returns The SDK's credential provider. It rejects with a `CredentialError` where the credential can't be given.
 * @category Clients
 */
export function awsCredentials<C, K extends keyof Having<C, AwsFields> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: ClientOptions<C[K]>,
): AwsCredentialProvider {
  let given: Credential<C[K], K> | undefined;
  const provide = async ({ forceRefresh = false }: { readonly forceRefresh?: boolean } = {}): Promise<AwsIdentity> => {
    if (forceRefresh && given) resolver.invalidate(given);
    given = await resolver.resolve(key, options);
    const { expiresAt } = given;
    return { ...keysOf(given), ...(expiresAt === undefined ? {} : { expiration: new Date(expiresAt) }) };
  };
  return Object.assign(provide, { memoized: true });
}

/**
 * Gives a client of `aws4fetch` for the credential of the moment: built anew when, and only when, that is a new one.
 *
 * @typeParam T The client.
 * @param resolver Where the credential comes from.
 * @param key Which one: it has the fields `access_key` and `secret_key`, and may have `session_token`.
 * @param build Makes the client of what requests are signed with; the credential itself has the settings.
 * @param options How it is asked for.
 * @returns What gives the client. It rejects with a `CredentialError` where the credential can't be given.
 *
 * @example
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { aws4fetch } from "@alphaswarm/credentials/clients/aws";
 * import { AwsClient } from "npm:aws4fetch@^1.0.20";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "minio:static": { fields: { access_key: required(), secret_key: required() }, from: { env: { prefix: "MINIO_" } } },
 *   },
 * });
 * const s3 = aws4fetch(getResolver(chain), "minio:static", (keys) => new AwsClient({ ...keys, service: "s3" }));
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
  return {
    accessKeyId: access_key,
    secretAccessKey: secret_key,
    ...(session_token === undefined ? {} : { sessionToken: session_token }),
  };
}

const NAMES = ["access_key", "secret_key", "session_token"] as const;
