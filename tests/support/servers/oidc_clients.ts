import { exportJWK, exportPKCS8, generateKeyPair, type JWK } from "npm:jose@^6";

/** A client that authenticates with a secret. */
export interface SecretClient {
  /** The client id. */
  readonly clientId: string;
  /** The client secret at registration. */
  readonly clientSecret: string;
}

/** A client that authenticates with a signed assertion (RFC 7523). */
export interface KeyClient {
  /** The client id. */
  readonly clientId: string;
  /** The algorithm that signs its assertions. */
  readonly algorithm: "ES256" | "RS256" | "EdDSA";
  /** The private key as PEM (PKCS #8). */
  readonly pem: string;
  /** The private key as a JWK. */
  readonly jwk: JWK;
}

/** The registered clients of the provider. */
export interface OidcClients {
  /** Authenticates with `client_secret_basic`; its secret has characters that form-encoding changes. */
  readonly basic: SecretClient;
  /** Authenticates with `client_secret_basic`; its id too has such characters, and those that some encodings escape. */
  readonly encoded: SecretClient;
  /** Authenticates with `client_secret_post`. */
  readonly post: SecretClient;
  /** Authenticates with `private_key_jwt` and a key on the curve P-256. */
  readonly privateKey: KeyClient;
  /** Authenticates with `private_key_jwt` and an RSA key. */
  readonly privateKeyRsa: KeyClient;
  /** Authenticates with `private_key_jwt` and an Ed25519 key, by the name of RFC 8037. */
  readonly privateKeyEd25519: KeyClient;
  /** Does not authenticate; it may exchange a token or present an assertion. */
  readonly public: { readonly clientId: string };
}

/**
 * Creates the clients of an OpenID provider, with fresh keys.
 *
 * @returns The clients.
 */
export async function createOidcClients(): Promise<OidcClients> {
  const [privateKey, privateKeyRsa, privateKeyEd25519] = await Promise.all([
    createKeyClient("private-key", "ES256"),
    createKeyClient("private-key-rsa", "RS256"),
    createKeyClient("private-key-ed25519", "EdDSA"),
  ]);
  return {
    basic: { clientId: "basic", clientSecret: "basic secret/+:%" },
    encoded: { clientId: "encoded id/+:%_-.*~", clientSecret: "encoded secret/+:%_-.*~" },
    post: { clientId: "post", clientSecret: "post secret&=+%" },
    privateKey,
    privateKeyRsa,
    privateKeyEd25519,
    public: { clientId: "public" },
  };
}

async function createKeyClient(clientId: string, algorithm: KeyClient["algorithm"]): Promise<KeyClient> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const [pem, jwk] = await Promise.all([exportPKCS8(privateKey), exportJWK(privateKey)]);
  return { clientId, algorithm, pem, jwk: { ...jwk, alg: algorithm, kid: clientId } };
}
