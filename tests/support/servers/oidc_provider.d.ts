/**
 * Types for the part of `oidc-provider` that the tests use. The published types declare Node's globals, which conflict
 * with those of other runtimes.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** An entry of a model. */
export interface AdapterPayload {
  uid?: string;
  userCode?: string;
  grantId?: string;
  consumed?: unknown;
  [member: string]: unknown;
}

/** The storage of a model. */
export interface Adapter {
  upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void>;
  find(id: string): Promise<AdapterPayload | undefined>;
  findByUid(uid: string): Promise<AdapterPayload | undefined>;
  findByUserCode(userCode: string): Promise<AdapterPayload | undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
}

/** A registered client (RFC 7591). */
export interface ClientMetadata {
  client_id: string;
  client_secret?: string;
  grant_types?: string[];
  jwks?: { keys: object[] };
  redirect_uris?: string[];
  response_types?: string[];
  scope?: string;
  token_endpoint_auth_method?: "client_secret_basic" | "client_secret_post" | "private_key_jwt" | "none" | undefined;
  token_endpoint_auth_signing_alg?: string;
}

/** A resource for which tokens are issued (RFC 8707). */
export interface ResourceServer {
  accessTokenFormat: "jwt" | "opaque";
  accessTokenTTL: number;
  audience: string;
  jwt: { sign: { alg: string } };
  scope: string;
}

/** The configuration of a provider. */
export interface Configuration {
  adapter?: (model: string) => Adapter;
  clientAuthMethods?: string[];
  clients?: ClientMetadata[];
  cookies?: { keys: string[] };
  extraTokenClaims?: (context: object) => object | undefined;
  features?: {
    clientCredentials?: { enabled: boolean };
    devInteractions?: { enabled: boolean };
    introspection?: { enabled: boolean };
    resourceIndicators?: {
      enabled: boolean;
      getResourceServerInfo: (context: unknown, resource: string) => ResourceServer;
    };
    revocation?: { enabled: boolean };
  };
  jwks?: { keys: object[] };
  scopes?: string[];
}

/** The errors of a provider. */
export const errors: {
  readonly InvalidTarget: new () => Error;
  readonly InvalidRequest: new (description: string) => Error;
  readonly InvalidGrant: new (description: string) => Error;
};

/** The context of a token request. */
export interface GrantContext {
  readonly oidc: { readonly client: object; readonly params: Readonly<Record<string, string | undefined>> };
  body: unknown;
}

/** An access token without a user. */
export interface MachineToken {
  resourceServer?: object;
  readonly expiration: number;
  save(): Promise<string>;
}

/** An OpenID provider. */
export class Provider {
  constructor(issuer: string, configuration: Configuration);
  readonly ClientCredentials: new (members: object) => MachineToken;
  readonly ResourceServer: new (resource: string, server: ResourceServer) => object;
  registerGrantType(
    name: string,
    handler: (context: GrantContext) => Promise<void>,
    parameters: readonly string[],
  ): void;
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}
