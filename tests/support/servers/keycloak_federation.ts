import type { JwtIssuer } from "./jwt_issuer.ts";
import { KeycloakAdmin } from "./keycloak_admin.ts";
import { lifetimeAttribute } from "./keycloak_realm.ts";

/** A client that has no secret: an issuer that Keycloak trusts says who it is. */
export interface FederatedClient {
  readonly clientId: string;
  /** The subject of its assertions. */
  readonly subject: string;
  /** The lifetime of its access tokens in seconds. */
  readonly lifetime: number;
}

/**
 * Has a Keycloak trust the issuer of a Kubernetes cluster, whose tokens are then the client assertions (RFC 7523, section
 * 2.2) of a client. Keycloak finds its keys by discovery.
 *
 * @param url The URL of the Keycloak.
 * @param issuer The issuer.
 * @param client The client.
 */
export async function federateClient(
  url: string,
  { issuer }: JwtIssuer,
  { clientId, subject, lifetime }: FederatedClient,
): Promise<void> {
  const admin = new KeycloakAdmin(url);
  const alias = `cluster-of-${clientId}`;
  await admin.create("/identity-provider/instances", { alias, providerId: "kubernetes", config: { issuer } });
  await admin.create("/clients", {
    clientId,
    publicClient: false,
    standardFlowEnabled: false,
    serviceAccountsEnabled: true,
    clientAuthenticatorType: "federated-jwt",
    defaultClientScopes: ["basic"],
    optionalClientScopes: ["polaris"],
    attributes: { "jwt.credential.issuer": alias, "jwt.credential.sub": subject, ...lifetimeAttribute(lifetime) },
  });
}
