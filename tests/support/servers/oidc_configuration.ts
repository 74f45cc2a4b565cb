import type { ClientMetadata, Configuration, ResourceServer } from "./oidc_provider.d.ts";
// @ts-types="./oidc_provider.d.ts"
import { errors } from "npm:oidc-provider@^9.13.3";
import type { OidcAdapter } from "./oidc_adapter.ts";
import type { KeyClient, OidcClients, SecretClient } from "./oidc_clients.ts";
import type { SigningKey } from "./signing_key.ts";

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** The scopes that clients can request; the provider ignores others. */
const SCOPES = ["PRINCIPAL_ROLE:ALL", "read", "write"];

/**
 * Creates the registration metadata of clients.
 *
 * @param clients The clients.
 * @returns Their metadata (RFC 7591).
 */
export function clientMetadata(clients: OidcClients): ClientMetadata[] {
  return [
    secretClient(clients.basic, "client_secret_basic"),
    secretClient(clients.encoded, "client_secret_basic"),
    secretClient(clients.post, "client_secret_post"),
    keyClient(clients.privateKey),
    keyClient(clients.privateKeyRsa),
    keyClient(clients.privateKeyEd25519),
    machineClient(clients.public.clientId, "none", [EXCHANGE, JWT_BEARER]),
  ];
}

/**
 * Creates the configuration of an authorization server for machine-to-machine tokens.
 *
 * @param key The key that signs access tokens.
 * @param lifetimes The lifetime of an access token in seconds, by resource (RFC 8707); read at each request.
 * @param adapters Gives the storage of a model of the provider.
 * @returns The configuration of `oidc-provider`.
 */
export function oidcConfiguration(
  key: SigningKey,
  lifetimes: ReadonlyMap<string, number>,
  adapters: (model: string) => OidcAdapter,
): Configuration {
  return {
    adapter: adapters,
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
    cookies: { keys: [crypto.randomUUID()] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => resourceServerOf(resource, lifetimes),
      },
      revocation: { enabled: true },
    },
    jwks: { keys: [key.jwk] },
    scopes: SCOPES,
  };
}

/** Returns what is known of a resource, whose tokens have one of these lifetimes. */
export function resourceServerOf(resource: string, lifetimes: ReadonlyMap<string, number>): ResourceServer {
  const accessTokenTTL = lifetimes.get(resource);
  if (accessTokenTTL === undefined) throw new errors.InvalidTarget();
  return {
    accessTokenFormat: "jwt",
    accessTokenTTL,
    audience: resource,
    jwt: { sign: { alg: "RS256" } },
    scope: SCOPES.join(" "),
  };
}

function secretClient(client: SecretClient, method: "client_secret_basic" | "client_secret_post"): ClientMetadata {
  return { ...machineClient(client.clientId, method), client_secret: client.clientSecret };
}

function keyClient(client: KeyClient): ClientMetadata {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicKey } = client.jwk;
  return {
    ...machineClient(client.clientId, "private_key_jwt"),
    jwks: { keys: [publicKey] },
    token_endpoint_auth_signing_alg: client.algorithm,
  };
}

function machineClient(
  clientId: string,
  method: ClientMetadata["token_endpoint_auth_method"],
  grants = ["client_credentials", EXCHANGE, JWT_BEARER],
): ClientMetadata {
  return {
    client_id: clientId,
    grant_types: grants,
    redirect_uris: [],
    response_types: [],
    scope: SCOPES.join(" "),
    token_endpoint_auth_method: method,
  };
}
