import { clockSkew } from "../../core/chain/clock_skew.ts";
import { atWrongUrl, httpRefusal, isElsewhere, retryAfter } from "../../core/chain/http_refusal.ts";
import { denied, invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";

/** An action that was refused. */
export interface RefusedAction {
  /** The keys that signed it, in declared names. */
  readonly who: string;
  /** The IAM permission that it takes. */
  readonly permission: string;
  /** What was asked for, in declared names. */
  readonly what: string;
  /** The option that gave the region. */
  readonly regionOption: string;
  /** The option that gave the URL, if one did. */
  readonly urlOption: string | undefined;
  readonly now: number;
}

// Hint: the code decides before the status, since AWS answers most errors with 400, and some services the same with 403.
/** The error codes of AWS by what they mean: those of the actions used here, and those common to all. */
const CODES: Readonly<Record<string, string>> = {
  missing: "ResourceNotFoundException ParameterNotFound ParameterVersionNotFound",
  forbidden: "AccessDeniedException AccessDenied NotAuthorized UnauthorizedOperation",
  encrypted: "DecryptionFailure InvalidKeyId",
  refused: "ExpiredToken ExpiredTokenException IncompleteSignature IncompleteSignatureException InvalidAccessKeyId " +
    "InvalidClientTokenId InvalidSignatureException MissingAuthenticationToken MissingAuthenticationTokenException " +
    "OptInRequired SignatureDoesNotMatch UnrecognizedClientException",
  late: "RequestExpired RequestTimeTooSkewed",
  busy: "InternalError InternalFailure InternalServerError InternalServiceError InternalServiceErrorException " +
    "InternalServiceFailure RequestLimitExceeded RequestThrottled RequestThrottledException RequestTimeout " +
    "RequestTimeoutException ServiceUnavailable ServiceUnavailableException ThrottledException Throttling " +
    "ThrottlingException TooManyRequestsException TooManyUpdates",
  wrong: "InvalidAction InvalidParameterException InvalidParameterValue InvalidRequestException " +
    "SerializationException UnknownOperationException ValidationError ValidationException",
};

/** Returns the refusal for an answer that does not hold what was asked for; `undefined` if that does not exist. */
export function refusalFor(
  response: Response,
  answer: Readonly<Record<string, unknown>> | undefined,
  action: RefusedAction,
): Refusal | undefined {
  const { status, headers } = response;
  const { who, what, regionOption, urlOption, now } = action;
  const atUrl = (refusal: Refusal) => urlOption ? atWrongUrl(refusal, urlOption) : refusal;
  // Hint: a namespace may precede the code, and the address of a page may follow it.
  const [, code = ""] = /(\w+)(?::|$)/.exec(headers.get("x-amzn-errortype") ?? textIn(answer?.__type)) ?? [];
  const kind = Object.keys(CODES).find((each) => CODES[each]!.split(" ").includes(code));
  if (!answer || !kind) {
    const refusal = httpRefusal(response, { who, now });
    const isPage = !answer && refusal.outcome !== "unavailable";
    if (!isPage) return isElsewhere(response) || status === 200 ? atUrl(refusal) : refusal;
    return atUrl({ ...refusal, detail: `${refusal.detail}, and not with the JSON of AWS` });
  }
  const said = textIn(answer.message ?? answer.Message);
  const answered = `the server answered HTTP ${status}, ${code}`;
  if (kind === "missing") return undefined;
  if (kind === "late" || kind === "refused" && /^Signature (expired|not yet current)/.test(said)) {
    const skew = clockSkew(headers, now);
    return skew ? invalid(`${answered}: ${skew}: correct the clock`) : unavailable(answered, retryAfter(headers, now));
  }
  if (kind === "refused" && /^Credential should be scoped/.test(said)) {
    return invalid(`${answered}: ${[regionOption, ...urlOption ? [urlOption] : []].join(" or ")} may be wrong`);
  }
  if (kind === "refused") return denied(`${who} was refused (HTTP ${status}, ${code})`, { need: "credentials" });
  if (kind === "busy") return unavailable(answered, retryAfter(headers, now));
  if (kind === "wrong") {
    return /marked for deletion|marked deleted|scheduled for deletion/.test(said)
      ? invalid(`${what} is marked for deletion: restore it, or remove it from the chain`)
      : invalid(answered);
  }
  return forbiddenRefusal(kind === "encrypted", said, action);
}

function textIn(member: unknown): string {
  return typeof member === "string" ? member : "";
}

// Hint: AWS uses one code for what policies do not allow at the service and at the keys that decrypt for it.
function forbiddenRefusal(isEncrypted: boolean, said: string, { who, permission, what }: RefusedAction): Refusal {
  if (isEncrypted || /^Access to KMS|perform: kms:|^The ciphertext refers to/.test(said)) {
    return denied(`${who} cannot decrypt ${what}: allow kms:Decrypt with its KMS key, and see that the key is enabled`);
  }
  return denied(`${who} is not allowed ${permission} on ${what}`);
}
