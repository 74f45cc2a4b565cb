import { httpRefusal, type RefusedRequest, retryAfter } from "../../core/chain/http_refusal.ts";
import { denied, invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";

/**
 * The error codes that may be shown, by their outcome at any status: those of `AssumeRoleWithWebIdentity` and the errors
 * common to all actions in the AWS STS API reference, those that AWS's own clients try again, and those of MinIO's and
 * Ceph's servers.
 */
const CODES: Readonly<Record<Refusal["outcome"], readonly string[]>> = {
  denied: [
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IDPRejectedClaim",
    "InvalidClientTokenId",
    "InvalidIdentityToken",
    // Hint: the code of MinIO for a token that it does not accept.
    "InvalidParameterValue",
    "NotAuthorized",
    "OptInRequired",
    "RegionDisabledException",
  ],
  unavailable: [
    "BandwidthLimitExceeded",
    "IDPCommunicationError",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "PriorRequestNotComplete",
    // Hint: no date is sent that could be wrong, so the request was late.
    "RequestExpired",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "SlowDown",
    "SlowDownRead",
    "SlowDownWrite",
    "STSIAMNotInitialized",
    "STSNotInitialized",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
    "XMinioServerNotInitialized",
  ],
  invalid: [
    "InvalidAction",
    "InvalidArgument",
    "MalformedPolicyDocument",
    "MethodNotAllowed",
    "MissingParameter",
    "NoSuchEntity",
    "PackedPolicyTooLarge",
    "ValidationError",
  ],
};

/** The codes of a denial that says nothing of the token where the STS could not get the keys that it is signed with. */
const UNVERIFIED_CODES: readonly string[] = ["InvalidIdentityToken", "InvalidParameterValue"];
/** What AWS says then, and MinIO: the error of its own request, or the status that answered it. */
const NO_KEYS = /^couldn\S{1,6}t retrieve verification key|^Get ["&\w#;]*https?:|^5\d\d [A-Z]/i;

/** The codes of a denial that another token would not change: the region is not enabled. */
const REGION_CODES: readonly string[] = ["OptInRequired", "RegionDisabledException"];

/** The element of the answer for each value of a credential. */
const MEMBERS = { access_key: "AccessKeyId", secret_key: "SecretAccessKey", session_token: "SessionToken" } as const;

/**
 * Reads the answer of an STS.
 *
 * @param response The answer, read whole.
 * @param request What a refusal says besides the status.
 * @returns The temporary credential, or the refusal.
 */
export async function readStsAnswer(response: Response, request: RefusedRequest): Promise<Token | Refusal> {
  const text = await response.text();
  const document = await parseXml(text);
  if (response.status !== 200) {
    const said = (name: string) =>
      textAt(document, ["ErrorResponse", "Error", name]) ?? textAt(document, ["Error", name]);
    return refusalOf(response, request, said("Code") ?? "", said("Message") ?? "");
  }
  if (document === undefined) {
    return isCutOff(response, text)
      ? unavailable("the answer was cut off")
      : invalid("the answer is not XML: expected that of an STS");
  }
  const path = ["AssumeRoleWithWebIdentityResponse", "AssumeRoleWithWebIdentityResult", "Credentials"];
  const member = (name: string) => textAt(document, [...path, name]);
  const values: Record<string, string> = {};
  for (const [field, name] of Object.entries(MEMBERS)) {
    const value = member(name);
    // Hint: entities are not expanded, so a secret with one in it would silently be another secret.
    if (value === undefined || value === "" || value.includes("&")) return invalid(`the answer has no usable ${name}`);
    values[field] = value;
  }
  return { values, expiresAt: Date.parse(member("Expiration") ?? "") };
}

function refusalOf(response: Response, request: RefusedRequest, code: string, message: string): Refusal {
  const { status, headers } = response;
  const outcomes = Object.keys(CODES) as Refusal["outcome"][];
  const known = outcomes.find((outcome) => CODES[outcome].includes(code));
  if (!known) return httpRefusal(response, request);
  const said = `HTTP ${status}, ${code}`;
  const answered = `the server answered ${said}`;
  const retry = retryAfter(headers, request.now);
  if (UNVERIFIED_CODES.includes(code) && NO_KEYS.test(message.trim())) {
    return unavailable(`${answered}: it could not get the identity provider's keys`, retry);
  }
  if (known === "unavailable") return unavailable(answered, retry);
  if (known === "invalid") return invalid(answered);
  return denied(`${request.who} was refused (${said})`, REGION_CODES.includes(code) ? {} : { need: "webIdentity" });
}

// Hint: Node.js decodes a compressed answer as far as it goes, and without a length the end of a connection looks the same.
/** Whether an answer may have been cut off without HTTP telling so: its root element is not closed. */
function isCutOff({ headers }: Response, text: string): boolean {
  const isFramed = headers.has("content-length") || headers.has("transfer-encoding");
  if (isFramed && !headers.has("content-encoding")) return false;
  const [, root] = /<([^\s<>?!/]+)/.exec(text) ?? [];
  return text.trim() === "" || text.trimStart().startsWith("<") && !(root && text.trimEnd().endsWith(`</${root}>`));
}

async function parseXml(text: string): Promise<unknown> {
  // Hint: the parser takes every "<![" for a CDATA section, and would cut off the beginning of a key.
  if (/<!\[(?!CDATA\[)/.test(text)) return undefined;
  const { XMLParser } = await import("fast-xml-parser");
  const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, processEntities: false });
  try {
    return parser.parse(text, true);
  } catch {
    return undefined;
  }
}

function textAt(document: unknown, path: readonly string[]): string | undefined {
  let at = document;
  for (const name of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return typeof at === "string" ? at : undefined;
}
