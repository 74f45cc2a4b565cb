/** A signing key, and its id where it has one. */
export interface SigningKey {
  /** The key. */
  readonly key: CryptoKey;
  /** Its id, by which the server selects the public key. */
  readonly kid?: string;
}

type Algorithm = RsaHashedImportParams | EcKeyImportParams | { readonly name: "Ed25519" };

const rsa = (name: string, size: number): Algorithm => ({ name, hash: `SHA-${size}` });
const curve = (namedCurve: string): Algorithm => ({ name: "ECDSA", namedCurve });
const ed25519: Algorithm = { name: "Ed25519" };

/** Algorithms of JSON Web Signatures (RFC 7518 and RFC 8037). */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  RS256: rsa("RSASSA-PKCS1-v1_5", 256),
  RS384: rsa("RSASSA-PKCS1-v1_5", 384),
  RS512: rsa("RSASSA-PKCS1-v1_5", 512),
  PS256: rsa("RSA-PSS", 256),
  PS384: rsa("RSA-PSS", 384),
  PS512: rsa("RSA-PSS", 512),
  ES256: curve("P-256"),
  ES384: curve("P-384"),
  ES512: curve("P-521"),
  EdDSA: ed25519,
  Ed25519: ed25519,
};

/** The algorithm of a key that names none, by its kind; PEM names only the kind. */
const DEFAULT_ALGORITHMS = ["RS256", "ES256", "ES384", "ES512", "Ed25519"];

/** Imports a private key in PKCS #8 PEM or as a JWK; returns `undefined` for what is neither. */
export async function importPrivateKey(value: unknown): Promise<SigningKey | undefined> {
  const jwk = typeof value === "string" ? parseJwk(value) : value;
  if (typeof jwk === "object" && jwk !== null) return await importJwk(jwk);
  const pkcs8 = typeof value === "string" ? bytesOfPem(value) : undefined;
  const key = pkcs8 && await firstOf(DEFAULT_ALGORITHMS, (algorithm) => importKey("pkcs8", pkcs8, algorithm));
  return key && { key };
}

async function importJwk(jwk: JsonWebKey & { readonly kid?: unknown }): Promise<SigningKey | undefined> {
  const { alg, kid, ...rest } = jwk;
  if (alg !== undefined && (typeof alg !== "string" || !Object.hasOwn(ALGORITHMS, alg))) return;
  const key = await firstOf(
    alg === undefined ? DEFAULT_ALGORITHMS : [alg],
    (algorithm) => importKey("jwk", rest, algorithm),
  );
  return key && { key, ...(typeof kid === "string" && kid !== "" ? { kid } : {}) };
}

async function firstOf(
  names: readonly string[],
  attempt: (algorithm: Algorithm) => Promise<CryptoKey>,
): Promise<CryptoKey | undefined> {
  for (const name of names) {
    // Hint: a runtime rejects a key of another kind, and an algorithm that it does not support.
    const key = await attempt(ALGORITHMS[name]!).catch(() => undefined);
    if (key) return key;
  }
}

function importKey(format: "jwk" | "pkcs8", key: JsonWebKey | BufferSource, algorithm: Algorithm): Promise<CryptoKey> {
  return crypto.subtle.importKey(format as "jwk", key as JsonWebKey, algorithm, false, ["sign"]);
}

function parseJwk(text: string): unknown {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// Hint: line breaks in an environment variable are often written as \n.
function bytesOfPem(text: string): Uint8Array<ArrayBuffer> | undefined {
  const [, after = ""] = text.split("-----BEGIN PRIVATE KEY-----", 2);
  const [body = "", end] = after.split("-----END PRIVATE KEY-----", 2);
  const base64 = body.replace(/\\[nr]|\s/g, "");
  if (end === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
