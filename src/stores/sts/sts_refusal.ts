import { clockSkew } from "../../core/chain/clock_skew.ts";
import {
  atWrongUrl,
  httpRefusal,
  isElsewhere,
  type RefusedRequest,
  retryAfter,
} from "../../core/chain/http_refusal.ts";
import { denied, invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import { mistakeIn, type ParameterNames } from "./sts_mistakes.ts";

/** A request that was sent: who sent it, when it began, and its parameters. */
export interface StsCall extends RefusedRequest {
  readonly began: number;
  readonly names: ParameterNames;
  /** The option that gave the URL, for an answer that does not come from an STS. */
  readonly option: string;
}

/**
 * The error codes that may be shown, by their outcome at any status: those of `AssumeRoleWithWebIdentity` and the
 * common errors in the AWS STS API reference, those that AWS's own clients retry, and those of MinIO's and Ceph's
 * servers.
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
    // Hint: MinIO uses this code for nearly everything; here it covers the messages without a rule.
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
    "InvalidRequest",
    "MalformedPolicyDocument",
    "MethodNotAllowed",
    "MissingParameter",
    "NoSuchEntity",
    "PackedPolicyTooLarge",
    "ValidationError",
  ],
};

// Hint: the request carries no date that could be wrong, so it was late unless the clocks differ.
/** The codes of a request whose date is too far from the server's. */
const CLOCK_CODES: readonly string[] = ["RequestExpired", "RequestTimeTooSkewed"];

/** The codes of AWS and Ceph for a request without a role, which do not give that as the reason. */
const UNCLEAR_CODES: readonly string[] = [
  "AccessDenied",
  "AccessDeniedException",
  "InvalidParameterValue",
  "NotAuthorized",
];

/** The codes of a denial that another token would not change: the region is not enabled. */
const REGION_CODES: readonly string[] = ["OptInRequired", "RegionDisabledException"];

/**
 * Returns the refusal for an error.
 *
 * @param response The answer, of which only the status and the headers are read.
 * @param call The request, and who sent it.
 * @param code The code of the error.
 * @param message Its message, of which nothing is shown.
 * @returns The refusal.
 */
export function stsRefusal(response: Response, call: StsCall, code: string, message: string): Refusal {
  const refusal = refusalBy(response, call, code, message);
  // Hint: the clock is this machine's alone.
  return Object.values(CODES).flat().includes(code) ? { ...refusal, issued: true } : refusal;
}

function refusalBy(response: Response, call: StsCall, code: string, message: string): Refusal {
  const { status, headers } = response;
  const { now, names } = call;
  const said = `HTTP ${status}, ${code}`;
  const answered = `the server answered ${said}`;
  const retry = retryAfter(headers, now);
  if (CLOCK_CODES.includes(code)) {
    const skew = clockSkew(headers, now);
    return skew ? invalid(`${answered}: ${skew}: correct the clock`) : unavailable(answered, retry);
  }
  const outcomes = Object.keys(CODES) as Refusal["outcome"][];
  const known = outcomes.find((outcome) => CODES[outcome].includes(code));
  const mistake = mistakeIn(code, message.trim(), names);
  if (mistake?.outcome === "denied") {
    return denied(`${call.who} was refused (${said}): ${mistake.detail}`, { need: "webIdentity" });
  }
  const detail = mistake ? `${answered}: ${mistake.detail}` : answered;
  const outcome = mistake?.outcome ?? known;
  if (outcome === "unavailable") return unavailable(detail, retry);
  // Hint: the server has the path, but no STS there.
  if (code === "MethodNotAllowed") return atWrongUrl(invalid(detail), call.option);
  if (outcome === "invalid") return invalid(detail);
  const isUnclear = names.role === undefined && (!known || UNCLEAR_CODES.includes(code));
  const who = isUnclear ? `${call.who}, without a role,` : call.who;
  if (!known) {
    const refusal = httpRefusal(response, { who, now });
    return code === "" || isElsewhere(response) ? atWrongUrl(refusal, call.option) : refusal;
  }
  return denied(`${who} was refused (${said})`, REGION_CODES.includes(code) ? {} : { need: "webIdentity" });
}
