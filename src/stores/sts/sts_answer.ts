import { httpRefusal, type RefusedRequest, retryAfter } from "../../core/chain/http_refusal.ts";
import { denied, invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";

/**
 * The error codes that may be shown, and their outcome at any status: those of `AssumeRoleWithWebIdentity` and
 * the errors common to all actions in the AWS STS API reference, and those of MinIO's and Ceph's servers.
 */
const OUTCOMES: Readonly<Record<string, Refusal["outcome"]>> = {
  AccessDenied: "denied",
  AccessDeniedException: "denied",
  ExpiredToken: "denied",
  ExpiredTokenException: "denied",
  IDPRejectedClaim: "denied",
  InvalidClientTokenId: "denied",
  InvalidIdentityToken: "denied",
  // Hint: the code of MinIO for a token that it does not accept.
  InvalidParameterValue: "denied",
  NotAuthorized: "denied",
  OptInRequired: "denied",
  RegionDisabledException: "denied",
  IDPCommunicationError: "unavailable",
  InternalError: "unavailable",
  InternalFailure: "unavailable",
  RequestLimitExceeded: "unavailable",
  ServiceUnavailable: "unavailable",
  SlowDown: "unavailable",
  STSNotInitialized: "unavailable",
  Throttling: "unavailable",
  ThrottlingException: "unavailable",
  TooManyRequestsException: "unavailable",
  InvalidAction: "invalid",
  InvalidArgument: "invalid",
  MalformedPolicyDocument: "invalid",
  MethodNotAllowed: "invalid",
  MissingParameter: "invalid",
  NoSuchEntity: "invalid",
  PackedPolicyTooLarge: "invalid",
  ValidationError: "invalid",
};

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
  const { status, headers } = response;
  const document = await parseXml(await response.text());
  if (status !== 200) {
    const code = textAt(document, ["ErrorResponse", "Error", "Code"]) ?? textAt(document, ["Error", "Code"]) ?? "";
    if (!Object.hasOwn(OUTCOMES, code)) return httpRefusal(response, request);
    const said = `HTTP ${status}, ${code}`;
    if (OUTCOMES[code] === "denied") {
      return denied(`${request.who} was refused (${said})`, REGION_CODES.includes(code) ? {} : { need: "webIdentity" });
    }
    const answered = `the server answered ${said}`;
    return OUTCOMES[code] === "invalid" ? invalid(answered) : unavailable(answered, retryAfter(headers, request.now));
  }
  if (document === undefined) return invalid("the answer is not XML: expected that of an STS");
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

async function parseXml(text: string): Promise<unknown> {
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
