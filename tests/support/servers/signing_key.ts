import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair, type JWK } from "npm:jose@^6";
import { generate } from "npm:selfsigned@^5";

/** An RSA key of an OpenID provider, with its certificate. */
export interface SigningKey {
  /** The private key as a JWK, with the certificate in `x5c`. */
  readonly jwk: JWK;
  /** The SHA-1 thumbprint of the certificate for the IAM API of AWS and Ceph: 40 hexadecimal digits. */
  readonly thumbprint: string;
}

/**
 * Creates a key for RS256, and a self-signed certificate for it.
 *
 * @returns The key, with its certificate.
 */
export async function createSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const { cert } = await generate([{ name: "commonName", value: "tokens.invalid" }], {
    algorithm: "sha256",
    keyPair: { privateKey: await exportPKCS8(privateKey), publicKey: await exportSPKI(publicKey) },
  });
  const base64 = cert.replace(/-----[^-]+-----|\s/g, "");
  const digest = await crypto.subtle.digest("SHA-1", Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  const jwk: JWK = { ...await exportJWK(privateKey), kid: "tokens", use: "sig", alg: "RS256", x5c: [base64] };
  return { jwk, thumbprint: new Uint8Array(digest).toHex().toUpperCase() };
}
