import type { Entry } from "./entry.ts";
import { FORMAT, isEntry } from "./entry_form.ts";
import { base64, bytesOf, type EntryKeys } from "./entry_keys.ts";

const NONCE_BYTES = 12;

/** Encrypts an entry with AES-256-GCM and a fresh nonce, so that no two texts are the same. */
export async function sealEntry(entry: Entry, keys: EntryKeys): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(cipher(iv, keys), keys.key, bytesOf(JSON.stringify(entry)));
  const bytes = new Uint8Array(NONCE_BYTES + sealed.byteLength);
  bytes.set(iv);
  bytes.set(new Uint8Array(sealed), NONCE_BYTES);
  return `${FORMAT}.${base64(bytes)}`;
}

/** Decrypts the text of an entry. What cannot be decrypted, or has another form, counts as nothing. */
export async function openEntry(text: string | undefined, keys: EntryKeys): Promise<Entry> {
  try {
    const prefix = `${FORMAT}.`;
    if (!text?.startsWith(prefix)) return {};
    const bytes = Uint8Array.from(atob(text.slice(prefix.length)), (each) => each.charCodeAt(0));
    const iv = bytes.slice(0, NONCE_BYTES);
    const opened = await crypto.subtle.decrypt(cipher(iv, keys), keys.key, bytes.slice(NONCE_BYTES));
    const entry: unknown = JSON.parse(new TextDecoder().decode(opened));
    return isEntry(entry) ? entry : {};
  } catch {
    return {};
  }
}

function cipher(iv: Uint8Array<ArrayBuffer>, { name }: EntryKeys): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: bytesOf(`${FORMAT}.${name}`) };
}
