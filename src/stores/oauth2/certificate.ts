import { bytesOfBase64, bytesOfPem } from "./pem.ts";

/** The thumbprints of a certificate, as a signature's header states them (RFC 7515, section 4.1.7). */
export interface Thumbprints {
  /** By SHA-1, by which Microsoft Entra and AD FS look keys up. */
  readonly x5t: string;
  /** By SHA-256. */
  readonly "x5t#S256": string;
}

/** Returns the thumbprints of the first certificate in a PEM text; `undefined` for what is not one. */
export function thumbprints(pem: unknown): Promise<Thumbprints | undefined> {
  return ofDer(typeof pem === "string" ? bytesOfPem(pem, "CERTIFICATE") : undefined);
}

/** Returns the thumbprints of a certificate in a JWK's `x5c`. */
export function thumbprintsOfBase64(text: unknown): Promise<Thumbprints | undefined> {
  return ofDer(typeof text === "string" ? bytesOfBase64(text) : undefined);
}

/** The tag of a SEQUENCE in DER (X.690), with which a certificate begins. */
const SEQUENCE = 0x30;

async function ofDer(der: Uint8Array<ArrayBuffer> | undefined): Promise<Thumbprints | undefined> {
  if (der?.[0] !== SEQUENCE) return undefined;
  const [sha1, sha256] = await Promise.all([print("SHA-1", der), print("SHA-256", der)]);
  return { x5t: sha1, "x5t#S256": sha256 };
}

async function print(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
  return btoa(String.fromCharCode(...digest)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
