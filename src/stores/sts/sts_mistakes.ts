import type { Refusal } from "../../core/chain/outcome.ts";

/** The parameters that a request has, each as the chain names it: `role`, or `role ($ROLE)` if a variable gave it. */
export type ParameterNames = Partial<Readonly<Record<"role" | "sessionName" | "policy" | "duration", string>>>;

/** What a server's message means, in fixed words; a `denied` one is about the token. */
export interface Mistake {
  readonly outcome: Refusal["outcome"];
  readonly detail: string;
}

interface Rule {
  readonly message: RegExp;
  readonly outcome: Refusal["outcome"];
  /** What to say; `undefined` if the rule does not apply to the request. */
  readonly detail: (names: ParameterNames) => string | undefined;
}

const outage = (message: RegExp, detail: string): Rule => ({
  message,
  outcome: "unavailable",
  detail: () => detail,
});
const refused = (message: RegExp, detail: string): Rule => ({ message, outcome: "denied", detail: () => detail });
const mistake = (message: RegExp, detail: Rule["detail"]): Rule => ({ message, outcome: "invalid", detail });

const NO_KEYS = "it could not get the identity provider's keys";
const NO_POLICY_CLAIM = "the token has no claim that names a policy: add one at the identity provider";
const NOT_A_JWT = "the token is not a JWT, or is only a part of one";

// Hint: MinIO and AIStor use one code for all of these, so only the message says what is wrong. The rest of a message
// may come from the token, so patterns are anchored and never search for words anywhere.
/** The messages of MinIO, SeaweedFS, RustFS and AWS, in the order in which they are tried. */
const RULES: readonly Rule[] = [
  // The request of the server for the keys.
  outage(/^couldn\S{1,6}t retrieve verification key/i, NO_KEYS),
  outage(/^(Get|Post) ["&\w#;]*https?:|^[1345]\d\d [A-Z]|^(dial|read|write) tcp |^(unexpected )?EOF$/, NO_KEYS),
  outage(
    /^context deadline exceeded|^(net\/http|http2|x509|tls): |^stream error: |^lookup \S+: |^[1345]\d\d$/,
    NO_KEYS,
  ),
  outage(/^invalid character (&#39;|&apos;|')(&lt;|<)|^json: .* type openid\.JWK/, NO_KEYS),
  mistake(
    /^Unknown (JWK key|curve) type|^malformed JWK /,
    () => "it cannot use a key of the identity provider: publish only RSA and EC keys",
  ),
  // The token.
  outage(
    /^Token (used before issued|is not valid yet)$/i,
    "the token is not valid yet: correct the clock of the server, or of the identity provider",
  ),
  refused(/^Token is expired|^token has expired/i, "the token has expired"),
  { message: /^\S+ claim missing from the JWT token/, outcome: "denied", detail: withoutPolicyClaim },
  { message: /^no policies are available for this OIDC token/, outcome: "denied", detail: withoutPolicyClaim },
  refused(
    /^None of the given policies /,
    "the server has no policy with the name that the token's claim or the role gives",
  ),
  refused(
    /^STS JWT Token has \S{1,6}?(aud|azp)\S{1,6} claim |^Incorrect token audience|^invalid token audience/,
    "the token's audience is not the client id that the server expects",
  ),
  refused(/^STS JWT Token has \S{1,6}?sub\S{1,6} claim missing/, "the token has no claim sub"),
  refused(/^No public key found /, "the token is signed with a key that the identity provider does not publish"),
  refused(
    /^crypto\/|^Invalid kid value |^key is |signature type is not allowed$|^signing method |^illegal base64 data /,
    "the token's signature cannot be verified",
  ),
  refused(
    /^token(string| contains) |^unexpected end of JSON|^invalid (character|token format)/,
    NOT_A_JWT,
  ),
  refused(/^No OpenIDConnect provider found |^invalid token issuer/, "the server does not know the token's issuer"),
  refused(/^missing required claims/, "the token lacks a claim that the server needs"),
  // The parameters.
  mistake(
    /^invalid token expiry|^DurationSeconds must be|^invalid DurationSeconds|^The requested DurationSeconds exceeds/,
    badDuration,
  ),
  mistake(/^Error processing RoleArn |^RoleARN |^Role \S+ does not exist|^Request ARN is invalid/, badRole),
  mistake(/^RoleSessionName /, badSessionName),
  mistake(
    /^(json: |Version |Action |Resource |Session policy |(duplicate|empty|only|value|condition|not a|set) )/,
    badPolicy,
  ),
  // Hint: messages about a token begin with the same words.
  mistake(/^(invalid|unsupported|unknown) (?!token|jwt|JWT|claim|sign|issuer|audience|kid|provider)/, badPolicy),
  mistake(/^\d+ validation errors? detected: .* at \S{1,6}durationSeconds\b/, badDuration),
  mistake(/^\d+ validation errors? detected: .* at \S{1,6}roleArn\b/, badRole),
  mistake(/^\d+ validation errors? detected: .* at \S{1,6}roleSessionName\b/, badSessionName),
  mistake(/^\d+ validation errors? detected: .* at \S{1,6}policy\b/, badPolicy),
  refused(/^json: /, NOT_A_JWT),
  mistake(
    /^access_token is mandatory /,
    () => "it takes claims from the user info of the identity provider: switch that off",
  ),
  mistake(/^unsupported action /i, () => "it has no AssumeRoleWithWebIdentity"),
];

/** The codes of AWS and Ceph that say which parameter is wrong. */
const PARAMETER_CODES: Readonly<Record<string, Rule["detail"]>> = {
  MalformedPolicyDocument: badPolicy,
  PackedPolicyTooLarge: badPolicy,
  NoSuchEntity: ({ role }) => role && badRole({ role }),
};

/** The codes for which only the message says what is wrong. */
const TOLD_BY_MESSAGE: readonly string[] = [
  "InvalidArgument",
  "InvalidIdentityToken",
  "InvalidParameterValue",
  "ValidationError",
];

function withoutPolicyClaim({ role }: ParameterNames): string {
  return role ? NO_POLICY_CLAIM : `${NO_POLICY_CLAIM}, or give a role`;
}

function badDuration({ duration = "its own default duration" }: ParameterNames): string {
  return `${duration} is not accepted: expected 15 minutes or more, up to the server's limit`;
}

function badRole({ role }: ParameterNames): string {
  if (!role) return "give a role, or set up OpenID at the server with a claim that names the policy";
  return `${role} is not a role of the server: expected the ARN of one that takes tokens of this identity provider`;
}

function badSessionName({ sessionName = "sessionName" }: ParameterNames): string {
  return `${sessionName} is not accepted: expected 2 to 64 letters, digits or any of + = , . @ - _`;
}

function badPolicy({ policy }: ParameterNames): string | undefined {
  return policy && `${policy} is not accepted: expected the JSON of a policy, at most 2048 characters`;
}

/**
 * Returns what an error says is wrong.
 *
 * @param code The code of the error.
 * @param message Its message, of which nothing is shown.
 * @param names The parameters of the request.
 * @returns The mistake, or `undefined` for an error that is not in the lists.
 */
export function mistakeIn(code: string, message: string, names: ParameterNames): Mistake | undefined {
  const named = Object.hasOwn(PARAMETER_CODES, code) && PARAMETER_CODES[code]!(names);
  if (named) return { outcome: "invalid", detail: named };
  if (!TOLD_BY_MESSAGE.includes(code)) return undefined;
  for (const { message: pattern, outcome, detail } of RULES) {
    const said = pattern.test(message) && detail(names);
    if (said) return { outcome, detail: said };
  }
}
