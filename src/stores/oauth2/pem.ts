// Hint: line breaks in environment variables are often written as \n.
/** Returns the bytes of the first PEM block with this label (RFC 7468); `undefined` if there is none. */
export function bytesOfPem(text: string, label: "PRIVATE KEY" | "CERTIFICATE"): Uint8Array<ArrayBuffer> | undefined {
  const [, after = ""] = text.split(`-----BEGIN ${label}-----`, 2);
  const [body = "", end] = after.split(`-----END ${label}-----`, 2);
  return end === undefined ? undefined : bytesOfBase64(body.replace(/\\[nr]/g, ""));
}

/** Whether a text is a private key in a PEM format that Web Crypto does not read: PKCS #1, SEC 1, or encrypted. */
export function isOtherPem(text: unknown): boolean {
  return typeof text === "string" && /-----BEGIN (RSA|EC|ENCRYPTED) PRIVATE KEY-----/.test(text);
}

/** Returns the bytes of a base64 text, which may contain white space; `undefined` for what is not base64. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const base64 = text.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
