import { thumbprintsOfBase64 } from "./certificate.ts";
import { bytesOfPem } from "./pem.ts";

/** A signing key, and how a server finds its public key. */
export interface SigningKey {
  /** The key. */
  readonly key: CryptoKey;
  /** The members of an assertion's header, such as `kid` and `x5t`, besides the algorithm that the key implies. */
  readonly header: Readonly<Record<string, string>>;
  /** Its public key, from the JWK or, for PEM, from the runtime. */
  readonly publicKey: JsonWebKey;
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

/** The algorithms to try for a key that names none; PEM names only the kind of key. */
const DEFAULT_ALGORITHMS = ["RS256", "ES256", "ES384", "ES512", "Ed25519"];

// Hint: servers know the name in RFC 8037; few know that in RFC 9864, which a JWK can have as its `alg`.
/** The name of an algorithm in a header, if it differs from the key's own. */
const NAMES: Readonly<Record<string, string>> = { Ed25519: "EdDSA" };

/** Imports a private key in PKCS #8 PEM or as a JWK; returns `undefined` for what is neither. */
export async function importPrivateKey(value: unknown): Promise<SigningKey | undefined> {
  const jwk = typeof value === "string" ? parseJwk(value) : value;
  if (typeof jwk === "object" && jwk !== null) return await importJwk(jwk);
  const pkcs8 = typeof value === "string" ? bytesOfPem(value, "PRIVATE KEY") : undefined;
  const key = pkcs8 && await firstOf(DEFAULT_ALGORITHMS, (algorithm) => importKey("pkcs8", pkcs8, algorithm));
  if (!key) return;
  // Hint: a runtime may import a damaged key, and then fail to export it.
  const exported = await crypto.subtle.exportKey("jwk", key).catch(() => ({}));
  return { key, header: headerOf(key), publicKey: publicOf(exported) };
}

/** Whether a key signs and its public key verifies that: some runtimes sign with a damaged key. */
export async function isIntact({ key, publicKey }: SigningKey): Promise<boolean> {
  const bytes = new Uint8Array(32);
  // Hint: the hash is for ECDSA, and the salt for RSA-PSS.
  const algorithm = { name: key.algorithm.name, hash: "SHA-256", saltLength: 32 };
  try {
    const verifier = await crypto.subtle.importKey("jwk", publicKey, key.algorithm as Algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, verifier, await crypto.subtle.sign(algorithm, key, bytes), bytes);
  } catch {
    return false;
  }
}

const PUBLIC_MEMBERS = ["kty", "n", "e", "crv", "x", "y"] as const;

function publicOf(jwk: JsonWebKey): JsonWebKey {
  return Object.fromEntries(
    PUBLIC_MEMBERS.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]]),
  );
}

async function importJwk(jwk: Jwk): Promise<SigningKey | undefined> {
  const { alg, kid, x5t, "x5t#S256": x5tS256, x5c, ...rest } = jwk;
  if (alg !== undefined && (typeof alg !== "string" || !Object.hasOwn(ALGORITHMS, alg))) return;
  const key = await firstOf(
    alg === undefined ? DEFAULT_ALGORITHMS : [alg],
    (algorithm) => importKey("jwk", rest, algorithm),
  );
  if (!key) return;
  const prints = Array.isArray(x5c) ? await thumbprintsOfBase64(x5c[0]) : undefined;
  const header = { ...headerOf(key, alg), ...prints, ...texts({ kid, x5t, "x5t#S256": x5tS256 }) };
  return { key, header, publicKey: publicOf(rest) };
}

type Jwk = JsonWebKey & { readonly [N in "kid" | "x5t" | "x5t#S256" | "x5c"]?: unknown };

function headerOf({ algorithm: { name } }: CryptoKey, alg?: string): SigningKey["header"] {
  return Object.hasOwn(NAMES, name) ? { alg: alg ?? NAMES[name]! } : {};
}

function texts(members: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(members).filter((member): member is [string, string] =>
      typeof member[1] === "string" && member[1] !== ""
    ),
  );
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
  // Hint: a PEM key is exported to get its public key; a JWK has that, and may forbid its export (`ext`).
  return crypto.subtle.importKey(format as "jwk", key as JsonWebKey, algorithm, format === "pkcs8", ["sign"]);
}

function parseJwk(text: string): unknown {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
