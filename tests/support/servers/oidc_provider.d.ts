/**
 * The part of `oidc-provider` that is used here. The types that others publish bring Node's globals, which differ from
 * those of the runtimes that the package is for.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** What a model stores. */
export interface AdapterPayload {
  uid?: string;
  userCode?: string;
  grantId?: string;
  consumed?: unknown;
  [member: string]: unknown;
}

/** Where a model is stored. */
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
  token_endpoint_auth_method?: "client_secret_basic" | "client_secret_post" | "private_key_jwt" | undefined;
  token_endpoint_auth_signing_alg?: string;
}

/** A resource that tokens are for (RFC 8707). */
export interface ResourceServer {
  accessTokenFormat: "jwt" | "opaque";
  accessTokenTTL: number;
  audience: string;
  jwt: { sign: { alg: string } };
  scope: string;
}

/** How a provider behaves. */
export interface Configuration {
  adapter?: (model: string) => Adapter;
  clientAuthMethods?: string[];
  clients?: ClientMetadata[];
  cookies?: { keys: string[] };
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

/** A provider's errors. */
export const errors: { readonly InvalidTarget: new () => Error };

/** An OpenID provider. */
export class Provider {
  constructor(issuer: string, configuration: Configuration);
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}
