import fc from "npm:fast-check@^4.10.2";
import type { Marker } from "./marker.ts";
import { mutated } from "./mutations.ts";

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: Uint8Array.of(1, 0, 1) };

/** A key as text, in both forms. */
interface Written {
  readonly pem: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

async function written(
  algorithm: RsaHashedKeyGenParams | EcKeyGenParams | { readonly name: "Ed25519" },
): Promise<Written> {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as CryptoKeyPair;
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  const lines = bytes.toBase64().replace(/.{64}/g, "$&\n");
  const { key_ops: _, ext: __, ...jwk } = await crypto.subtle.exportKey("jwk", privateKey);
  return { pem: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`, jwk };
}

const KEYS: readonly Written[] = await Promise.all([
  written({ ...RSA, modulusLength: 2_048 }),
  written({ ...RSA, modulusLength: 1_024 }),
  written({ name: "ECDSA", namedCurve: "P-256" }),
  written({ name: "ECDSA", namedCurve: "P-384" }),
  written({ name: "Ed25519" }),
]);

const ALGORITHMS = [
  "RS256",
  "PS512",
  "ES256",
  "ES512",
  "EdDSA",
  "Ed25519",
  "HS256",
  "none",
  "toString",
  "__proto__",
  "",
];
const ODD: readonly unknown[] = [
  null,
  0,
  true,
  "",
  "AQAB",
  "AA==",
  "=",
  [],
  ["RS256"],
  {},
  { toString: 1, valueOf: 1 },
  "A".repeat(20_000),
];

function jwks({ text }: Marker): fc.Arbitrary<string> {
  const odd = fc.constantFrom<unknown>(...ODD, text);
  const member = fc.oneof(
    fc.tuple(fc.constant("alg"), fc.oneof(fc.constantFrom<unknown>(...ALGORITHMS), odd)),
    fc.tuple(fc.constantFrom("kty", "crv", "n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y", "k"), odd),
    fc.tuple(fc.constantFrom("kid", "use", "key_ops", "ext", "oth", "x5t", text), odd),
  );
  return fc.tuple(fc.constantFrom(...KEYS), fc.array(member, { maxLength: 2 }))
    .map(([{ jwk }, changes]) => JSON.stringify({ ...jwk, ...Object.fromEntries(changes) }));
}

const MARK = "-----BEGIN PRIVATE KEY-----";

/** Texts of private keys: PEM and JWK, good ones, mutated ones and something else; a planted secret is in some. */
export function privateKeys(marker: Marker): fc.Arbitrary<string> {
  const { text } = marker;
  const pem = fc.constantFrom(...KEYS.map(({ pem }) => pem));
  const odd = fc.constantFrom(
    text,
    MARK,
    MARK.repeat(5_000),
    `${MARK}${text}`,
    `${MARK}\n${btoa(text)}\n-----END PRIVATE KEY-----`,
    `-----BEGIN RSA PRIVATE KEY-----\n${btoa(text)}\n-----END RSA PRIVATE KEY-----`,
    `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${btoa(text)}\n-----END ENCRYPTED PRIVATE KEY-----`,
    "{}",
    "[]",
    `{"keys":[{"kty":"oct","k":"${text}"}]}`,
    '{"a":'.repeat(20_000),
    `{"kty":"RSA","n":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
  );
  return fc.oneof(
    { weight: 6, arbitrary: pem },
    { weight: 10, arbitrary: pem.map((each) => each.replaceAll("\n", "\\n")) },
    { weight: 20, arbitrary: mutated(pem) },
    { weight: 20, arbitrary: jwks(marker) },
    { weight: 10, arbitrary: mutated(jwks(marker)) },
    { weight: 6, arbitrary: odd },
  );
}
