import { invalid, type Refusal } from "../../core/chain/outcome.ts";

/** The least length of a seal in bytes: the length of the keys that are derived from it. */
const MIN_BYTES = 32;

/** The part of a credential that a seal is read from. */
interface SealCredential {
  readonly key: string;
  readonly fields: readonly string[];
  get(name: string): unknown;
}

/** Returns the bytes of a seal, or a refusal if it is not one. */
export function readSeal(credential: SealCredential): Uint8Array<ArrayBuffer> | Refusal {
  const bytes = credential.fields.includes("key") ? decoded(credential.get("key")) : undefined;
  return bytes && bytes.length >= MIN_BYTES ? bytes : invalid(
    `"${credential.key}" is not a seal: expected ${MIN_BYTES} random bytes or more in base64 as its field key, as "openssl rand ` +
      `-base64 ${MIN_BYTES}" prints them`,
  );
}

function decoded(text: unknown): Uint8Array<ArrayBuffer> | undefined {
  try {
    // Hint: both base64 alphabets of RFC 4648 are accepted, so that a seal gives the same names in either.
    const binary = atob(String(text).trim().replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (each) => each.charCodeAt(0));
  } catch {
    return undefined;
  }
}
