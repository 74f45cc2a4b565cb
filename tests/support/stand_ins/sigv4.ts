import { createHash, createHmac } from "node:crypto";

/** A request as it was received, of a service that the signature must be for. */
export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

/** What a signature must have been made with. */
export interface SigningKeys {
  readonly secret_key: string;
  readonly session_token?: string;
}

/** What a verified signature says. */
export interface VerifiedSignature {
  readonly access_key: string;
  readonly region: string;
  readonly service: string;
  /** When it was made, in milliseconds since 1970. */
  readonly signedAt: number;
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const mac = (key: string | Uint8Array, text: string) => createHmac("sha256", key).update(text).digest();

/**
 * Verifies the signature of a request by "Signature Version 4", step by step as in the IAM User Guide ("Create a signed AWS
 * API request"), and not by the package that signs.
 *
 * @param request The request.
 * @param keysOf Returns the keys with an access key id; nothing for one that is not known.
 * @returns What it says, or the error code of AWS.
 */
export function verifySignature(
  { method, url, headers, body }: SignedRequest,
  keysOf: (accessKey: string) => SigningKeys | undefined,
): VerifiedSignature | string {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, SignedHeaders=([^,]+), Signature=(\w{64})$/;
  const [, id, day, region, service, listed, signature] = form.exec(headers.get("authorization") ?? "") ?? [];
  if (id === undefined || !day || !region || !service || !listed) return "IncompleteSignature";
  const keys = keysOf(id);
  if (!keys) return "UnrecognizedClientException";
  if ((headers.get("x-amz-security-token") ?? undefined) !== keys.session_token) return "UnrecognizedClientException";
  const names = listed.split(";");
  const must = ["content-type", "host", ...[...headers.keys()].filter((name) => name.startsWith("x-amz-"))];
  if (must.some((name) => !names.includes(name)) || `${names}` !== `${names.toSorted()}`) return "IncompleteSignature";
  const date = headers.get("x-amz-date") ?? "";
  const canonicalHeaders = names.map((name) => `${name}:${headers.get(name)?.trim().replace(/ +/g, " ")}\n`).join("");
  const canonical = [method, url.pathname, url.search.slice(1), canonicalHeaders, listed, hash(body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, hash(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<string | Uint8Array>(mac, `AWS4${keys.secret_key}`);
  const isOurs = date.startsWith(day) && mac(key, toSign).toString("hex") === signature;
  if (!isOurs) return "InvalidSignatureException";
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  return { access_key: id, region, service, signedAt: Date.parse(iso) };
}
