import { exportJWK, exportPKCS8, generateKeyPair } from "npm:jose@^6";
import type { KeycloakAdmin } from "./keycloak_admin.ts";
import type { KeyClient, SecretClient } from "./oidc_clients.ts";

/** A scope, which sets the audience of a token to its own name, and for MinIO also to `minio-role`. */
export type KeycloakScope = typeof SCOPES[number];

/** The registered clients of the realm, each of which may request any of the scopes. */
export interface KeycloakClients {
  /** Authenticates with its secret, by HTTP Basic or in the body. */
  readonly secret: SecretClient;
  /** Authenticates with `private_key_jwt` and a key on the curve P-256. */
  readonly privateKey: KeyClient;
}

/** The tokens of a realm. */
export interface KeycloakTokens {
  /** Their lifetime in seconds. */
  readonly lifetime: number;
  /** The claim `policy` of those for MinIO. */
  readonly policy: string;
}

const SCOPES = ["polaris", "trino", "minio"] as const;

/**
 * Creates the realm with its scopes and clients.
 *
 * @param admin The admin REST API.
 * @param tokens The lifetime and claims of its tokens.
 * @returns The clients, with fresh secrets and keys.
 */
export async function createRealm(
  admin: KeycloakAdmin,
  { lifetime, policy }: KeycloakTokens,
): Promise<KeycloakClients> {
  const secret = { clientId: "alphaswarm-m2m", clientSecret: `fake-${crypto.randomUUID()}` };
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const named = { kid: crypto.randomUUID(), alg: "ES256", use: "sig" };
  const keys = JSON.stringify({ keys: [{ ...await exportJWK(publicKey), ...named }] });

  await admin.createRealm();
  for (const scope of SCOPES) await admin.create("/client-scopes", scopeOf(scope, policy));
  await admin.create("/clients", clientOf(secret.clientId, lifetime, { secret: secret.clientSecret }));
  await admin.create(
    "/clients",
    clientOf("alphaswarm-jwt", lifetime, { clientAuthenticatorType: "client-jwt" }, {
      "use.jwks.string": "true",
      "jwks.string": keys,
      "token.endpoint.auth.signing.alg": "ES256",
    }),
  );
  return {
    secret,
    privateKey: {
      clientId: "alphaswarm-jwt",
      algorithm: "ES256",
      pem: await exportPKCS8(privateKey),
      jwk: { ...await exportJWK(privateKey), ...named },
    },
  };
}

/** The attribute that sets the lifetime of a client's access tokens, in seconds. */
export function lifetimeAttribute(seconds: number): Record<string, string> {
  return { "access.token.lifespan": `${seconds}` };
}

function clientOf(
  clientId: string,
  lifetime: number,
  more: Readonly<Record<string, unknown>>,
  attributes: Readonly<Record<string, string>> = {},
) {
  return {
    clientId,
    publicClient: false,
    standardFlowEnabled: false,
    serviceAccountsEnabled: true,
    // Hint: without "basic", tokens have no subject; with "roles", they have one more audience.
    defaultClientScopes: ["basic"],
    optionalClientScopes: SCOPES,
    attributes: { ...lifetimeAttribute(lifetime), ...attributes },
    ...more,
  };
}

function scopeOf(name: KeycloakScope, policy: string) {
  const audience = (name: string) =>
    mapper(`audience-${name}`, "oidc-audience-mapper", { "included.custom.audience": name });
  const claim = mapper("policy", "oidc-hardcoded-claim-mapper", {
    "claim.name": "policy",
    "claim.value": policy,
    "jsonType.label": "String",
  });
  const protocolMappers = name === "minio" ? [audience(name), audience("minio-role"), claim] : [audience(name)];
  return { name, protocol: "openid-connect", attributes: { "include.in.token.scope": "true" }, protocolMappers };
}

function mapper(name: string, protocolMapper: string, config: Readonly<Record<string, string>>) {
  return { name, protocol: "openid-connect", protocolMapper, config: { ...config, "access.token.claim": "true" } };
}
