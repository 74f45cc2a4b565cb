import { FORMAT } from "./entry_form.ts";

/** The name of an entry, and the key that encrypts it. Both are derived from the seal and the identity of the token. */
export interface EntryKeys {
  readonly name: string;
  readonly key: CryptoKey;
}

const NAME_BYTES = 24;

/**
 * Derives the name and the key of an entry (HKDF with SHA-256, RFC 5869).
 *
 * @param seal The seal.
 * @param identity All that identifies the token, as text.
 */
export async function entryKeys(seal: Uint8Array<ArrayBuffer>, identity: string): Promise<EntryKeys> {
  const { subtle } = crypto;
  const [digest, secret] = await Promise.all([
    // Hint: Node limits the context of HKDF to 1,024 bytes.
    subtle.digest("SHA-256", bytesOf(identity)),
    subtle.importKey("raw", seal, "HKDF", false, ["deriveBits", "deriveKey"]),
  ]);
  const [name, key] = await Promise.all([
    subtle.deriveBits(hkdf("name", digest), secret, NAME_BYTES * 8),
    subtle.deriveKey(hkdf("key", digest), secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]),
  ]);
  return { name: base64(new Uint8Array(name)).replaceAll("+", "-").replaceAll("/", "_"), key };
}

function hkdf(use: string, digest: ArrayBuffer): HkdfParams {
  const label = bytesOf(`@alphaswarm/credentials share ${FORMAT} ${use} `);
  const info = new Uint8Array([...label, ...new Uint8Array(digest)]);
  return { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
}

/** Returns the UTF-8 bytes of a text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Returns the base64 of bytes. */
export function base64(bytes: Uint8Array): string {
  // Hint: in chunks, since a call takes a limited number of arguments.
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(binary);
}
