import { denied, invalid, type Refusal, unavailable } from "../outcome.ts";
import type { Token } from "../shapes/shape.ts";
import { httpRefusal, type RefusedRequest, retryAfter } from "./http_refusal.ts";

/**
 * The error codes that may be named, and what they mean whatever the status: those of `AssumeRoleWithWebIdentity` and
 * the errors common to all actions in the AWS STS API reference, and those of MinIO's and Ceph's servers.
 */
const MEANING: Readonly<Record<string, Refusal["outcome"]>> = {
  AccessDenied: "denied",
  AccessDeniedException: "denied",
  ExpiredToken: "denied",
  ExpiredTokenException: "denied",
  IDPRejectedClaim: "denied",
  InvalidClientTokenId: "denied",
  InvalidIdentityToken: "denied",
  // Hint: what MinIO says of a token that it does not accept.
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

/** The values of a credential, by the name of each in the answer. */
const MEMBERS = { access_key: "AccessKeyId", secret_key: "SecretAccessKey", session_token: "SessionToken" } as const;

/**
 * What an STS's answer means.
 *
 * @param response The answer, read whole.
 * @param request What a refusal says besides.
 * @returns The temporary credential, or the refusal.
 */
export async function readStsAnswer(response: Response, request: RefusedRequest): Promise<Token | Refusal> {
  const { status, headers } = response;
  const document = await parseXml(await response.text());
  if (status !== 200) {
    const code = textAt(document, ["ErrorResponse", "Error", "Code"]) ?? textAt(document, ["Error", "Code"]) ?? "";
    if (!Object.hasOwn(MEANING, code)) return httpRefusal(response, request);
    const said = `HTTP ${status}, ${code}`;
    if (MEANING[code] === "denied") return denied(`${request.who} was refused (${said})`);
    return MEANING[code] === "invalid" ? invalid(said) : unavailable(said, retryAfter(headers, request.now));
  }
  if (document === undefined) return invalid("the answer is no XML");
  const path = ["AssumeRoleWithWebIdentityResponse", "AssumeRoleWithWebIdentityResult", "Credentials"];
  const member = (name: string) => textAt(document, [...path, name]);
  const values: Record<string, string> = {};
  for (const [field, name] of Object.entries(MEMBERS)) {
    const value = member(name);
    // Hint: entities are not expanded, and a secret that has one in it would silently be another secret.
    if (value === undefined || value === "" || value.includes("&")) return invalid(`the answer has no proper ${name}`);
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
