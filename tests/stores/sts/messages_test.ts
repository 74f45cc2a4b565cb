import { assertEquals } from "@std/assert";
import { createResolver, fromEnv, memory, optional, required, type Resolver } from "../../../mod.ts";
import { sts } from "../../../src/stores/sts/sts.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { awsError, resolverOf, startStandIn, success } from "../../support/stand_ins/sts.ts";

const KEYS = "it could not get the identity provider's keys";
const JWT = "the token is not a JWT, or is only a part of one";
const SIGNATURE = "the token's signature cannot be verified";
const CLAIM = "the token has no claim that names a policy: add one at the identity provider";
const POLICY_NAME = "the server has no policy with the name that the token's claim or the role gives";
const AUDIENCE = "the token's audience is not the client id that the server expects";
const NOT_YET = "the token is not valid yet: correct the clock of the server, or of the identity provider";
const DURATION = "is not accepted: expected 15 minutes or more, up to the server's limit";
const ROLE = "is not a role of the server: expected the ARN of one that takes tokens of this identity provider";
const POLICY = "is not accepted: expected the JSON of a policy, at most 2048 characters";
const SESSION = "is not accepted: expected 2 to 64 letters, digits or any of + = , . @ - _";
const UNREADABLE_KEY = "it cannot use a key of the identity provider: publish only RSA and EC keys";

type Case = readonly [message: string, outcome: "denied" | "invalid" | "unavailable", detail: string];

/** What a MinIO of 2026 answered with the code InvalidParameterValue, to requests without a role. */
const WITHOUT_ROLE: readonly Case[] = [
  ["policy claim missing from the JWT token, credentials will not be generated", "denied", `${CLAIM}, or give a role`],
  ["groups claim missing from the JWT token, credentials will not be generated", "denied", `${CLAIM}, or give a role`],
  ["None of the given policies (`nosuch`) are defined, credentials will not be generated", "denied", POLICY_NAME],
  ["None of the given policies (``) are defined, credentials will not be generated", "denied", POLICY_NAME],
  ["STS JWT Token has `azp` claim invalid, `azp` must match configured OpenID Client ID", "denied", AUDIENCE],
  ["STS JWT Token has `aud` claim invalid, `aud` must match configured OpenID Client ID", "denied", AUDIENCE],
  ["STS JWT Token has &#96;aud&#96; claim invalid, it must match", "denied", AUDIENCE],
  ["STS JWT Token has 'azp' claim invalid, it must match", "denied", AUDIENCE],
  ["STS JWT Token has `sub` claim missing, `sub` claim is mandatory", "denied", "the token has no claim sub"],
  ["Token is expired", "denied", "the token has expired"],
  ["Token is not valid yet", "unavailable", NOT_YET],
  ["Token used before issued", "unavailable", NOT_YET],
  [
    "No public key found for kid k2",
    "denied",
    "the token is signed with a key that the identity provider does not publish",
  ],
  ["crypto/rsa: verification error", "denied", SIGNATURE],
  ["Invalid kid value &lt;nil&gt;", "denied", SIGNATURE],
  ["&#39;none&#39; signature type is not allowed", "denied", SIGNATURE],
  ["key is of invalid type", "denied", SIGNATURE],
  ["signing method (alg) is unavailable.", "denied", SIGNATURE],
  ["signing method (alg) is unspecified.", "denied", SIGNATURE],
  ["illegal base64 data at input byte 332", "denied", SIGNATURE],
  ["token contains an invalid number of segments", "denied", JWT],
  ["tokenstring should not contain &#39;bearer &#39;", "denied", JWT],
  ["unexpected end of JSON input", "denied", JWT],
  ["invalid character &#39;x&#39; looking for beginning of value", "denied", JWT],
  [
    "Get &#34;http://127.0.0.1:7101/jwks&#34;: dial tcp 127.0.0.1:7101: connect: connection refused",
    "unavailable",
    KEYS,
  ],
  [
    "Get &#34;http://127.0.0.1:7101/jwks&#34;: read tcp 127.0.0.1:50220-&gt;127.0.0.1:7101: read: connection reset by " +
    "peer",
    "unavailable",
    KEYS,
  ],
  ["503 Service Unavailable", "unavailable", KEYS],
  ["500 Internal Server Error", "unavailable", KEYS],
  ["429 Too Many Requests", "unavailable", KEYS],
  ["404 Not Found", "unavailable", KEYS],
  ["EOF", "unavailable", KEYS],
  ["unexpected EOF", "unavailable", KEYS],
  ["context deadline exceeded (Client.Timeout or context cancellation while reading body)", "unavailable", KEYS],
  ["net/http: request canceled (Client.Timeout or context cancellation while reading body)", "unavailable", KEYS],
  ["http2: server sent GOAWAY and closed the connection", "unavailable", KEYS],
  ["stream error: stream ID 1; INTERNAL_ERROR; received from peer", "unavailable", KEYS],
  ["520", "unavailable", KEYS],
  ["invalid character &#39;&lt;&#39; looking for beginning of value", "unavailable", KEYS],
  ["Unknown JWK key type OKP", "invalid", UNREADABLE_KEY],
  ["Unknown curve type: secp256k1", "invalid", UNREADABLE_KEY],
  ["invalid token expiry", "invalid", `its own default duration ${DURATION}`],
  [
    "Role arn:minio:iam:::role/dummy-internal does not exist",
    "invalid",
    "give a role, or set up OpenID at the server with a claim that names the policy",
  ],
  [
    "access_token is mandatory if user_info claim is enabled",
    "invalid",
    "it takes claims from the user info of the identity provider: switch that off",
  ],
  ["Unsupported action AssumeRoleNope", "invalid", "it has no AssumeRoleWithWebIdentity"],
];

/** What it answered to requests with all parameters. */
const WITH_PARAMETERS: readonly Case[] = [
  ["policy claim missing from the JWT token, credentials will not be generated", "denied", CLAIM],
  ["invalid token expiry", "invalid", `duration ${DURATION}`],
  ["Error processing RoleArn parameter: RoleARN arn:minio:iam:::role/nope is not defined.", "invalid", `$ROLE ${ROLE}`],
  [
    "Error processing RoleArn parameter: RoleARN parse err: invalid ARN - bad partition field",
    "invalid",
    `$ROLE ${ROLE}`,
  ],
  [
    "Error processing RoleArn parameter: RoleARN parse err: invalid ARN string format",
    "invalid",
    `$ROLE ${ROLE}`,
  ],
  ["json: cannot unmarshal array into Go value of type policy.subPolicy", "invalid", `$POLICY ${POLICY}`],
  [
    "json: cannot unmarshal number into Go struct field Statement.Statement.Effect of type policy.Effect",
    "invalid",
    `$POLICY ${POLICY}`,
  ],
  ["Version cannot be empty expecting &#39;2012-10-17&#39;", "invalid", `$POLICY ${POLICY}`],
  ["invalid version &#39;1&#39;", "invalid", `$POLICY ${POLICY}`],
  ["invalid Effect Maybe", "invalid", `$POLICY ${POLICY}`],
  ["unsupported action &#39;s3:Nope&#39;", "invalid", `$POLICY ${POLICY}`],
  ["Action must not be empty", "invalid", `$POLICY ${POLICY}`],
  ["Resource must not be empty", "invalid", `$POLICY ${POLICY}`],
  ["invalid resource &#39;arn:aws:kms:::a/*&#39;", "invalid", `$POLICY ${POLICY}`],
  ["invalid condition name &#39;Nope&#39;", "invalid", `$POLICY ${POLICY}`],
  ["invalid condition key &#39;s3:nope&#39;", "invalid", `$POLICY ${POLICY}`],
  ["Session policy should not exceed 2048 characters", "invalid", `$POLICY ${POLICY}`],
];

/** By the sources of SeaweedFS and RustFS, and reports of AWS's users: other codes, or other messages. */
const OTHERS: readonly (readonly [code: string, ...Case])[] = [
  ["InvalidParameterValue", "DurationSeconds must be between 900 and 43200 seconds", "invalid", `duration ${DURATION}`],
  [
    "InvalidParameterValue",
    "RoleSessionName must be between 2 and 64 characters",
    "invalid",
    `$SESSION ${SESSION}`,
  ],
  ["InvalidParameterValue", "invalid token audience", "denied", AUDIENCE],
  ["InvalidParameterValue", "invalid token issuer", "denied", "the server does not know the token's issuer"],
  ["InvalidParameterValue", "invalid token format", "denied", JWT],
  [
    "InvalidParameterValue",
    "missing required claims",
    "denied",
    "the token lacks a claim that the server needs",
  ],
  ["InvalidArgument", "no policies are available for this OIDC token", "denied", CLAIM],
  ["InvalidIdentityToken", "Incorrect token audience", "denied", AUDIENCE],
  [
    "InvalidIdentityToken",
    "No OpenIDConnect provider found in your account for https://fake-leaked.example",
    "denied",
    "the server does not know the token's issuer",
  ],
  [
    "ValidationError",
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    "invalid",
    `duration ${DURATION}`,
  ],
  [
    "ValidationError",
    "1 validation error detected: Value &#39;x&#39; at &#39;roleArn&#39; failed to satisfy constraint: Member must " +
    "have length greater than or equal to 20",
    "invalid",
    `$ROLE ${ROLE}`,
  ],
  [
    "ValidationError",
    "1 validation error detected: Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have " +
    "length greater than or equal to 2",
    "invalid",
    `$SESSION ${SESSION}`,
  ],
  ["MalformedPolicyDocument", "fake-leaked", "invalid", `$POLICY ${POLICY}`],
  ["PackedPolicyTooLarge", "fake-leaked", "invalid", `$POLICY ${POLICY}`],
  ["NoSuchEntity", "fake-leaked", "invalid", `$ROLE ${ROLE}`],
];

const VARIABLES = {
  STS_ROLE: "arn:minio:iam:::role/fake",
  STS_POLICY: '{"Version":"2012-10-17"}',
  STS_SESSION: "fake",
};

/** The parameters of a store, all but the duration from variables. */
const PARAMETERS = {
  role: fromEnv("STS_ROLE") as never as string,
  policy: fromEnv("STS_POLICY") as never as string,
  sessionName: fromEnv("STS_SESSION") as never as string,
  duration: 60_000,
};

/** Writes the options of PARAMETERS in a detail as a message shows them. */
function inWords(detail: string): string {
  return detail.replace("$ROLE", "role ($STS_ROLE)").replace("$POLICY", "policy ($STS_POLICY)")
    .replace("$SESSION", "sessionName ($STS_SESSION)");
}

async function assertSaid(code: string, [message, outcome, detail]: Case, parameters: object): Promise<void> {
  await using server = startStandIn();
  Object.assign(server.answer, { status: 400, body: awsError(code, message) });
  const host = testHost({ env: VARIABLES, fetch });
  const error = await rejection(
    resolverOf({ endpoint: server.endpoint, ...parameters }, true, host).resolve("minio:sts"),
  );
  const said = outcome === "denied"
    ? `"minio:identity" from "memory" was refused (HTTP 400, ${code})`
    : `the server answered HTTP 400, ${code}`;
  assertEquals(
    [error.code, error.message],
    [outcome, `Cannot resolve "minio:sts": "sts" is ${outcome}: ${said}: ${inWords(detail)}`],
    message,
  );
}

Deno.test("sts() tells MinIO's mistakes apart, which all have one code, and says what to fix", async () => {
  for (const each of WITHOUT_ROLE) await assertSaid("InvalidParameterValue", each, {});
});

Deno.test("sts() names the option and the variable that MinIO does not accept", async () => {
  for (const each of WITH_PARAMETERS) await assertSaid("InvalidParameterValue", each, PARAMETERS);
});

Deno.test("sts() says what to fix at SeaweedFS, RustFS and AWS too, where their messages tell", async () => {
  for (const [code, ...each] of OTHERS) await assertSaid(code, each, PARAMETERS);
});

Deno.test("sts() does not blame the policy of a request for a token that a server calls invalid", async () => {
  const said = [
    "invalid token signature",
    "invalid JWT",
    "invalid signature",
    "invalid claims: sub",
    "unknown issuer",
    "unknown kid k2",
    "unsupported signing algorithm",
    "unsupported token type",
  ];
  for (const message of said) {
    await using server = startStandIn();
    Object.assign(server.answer, { status: 400, body: awsError("InvalidParameterValue", message) });
    const host = testHost({ env: VARIABLES, fetch });
    const error = await rejection(
      resolverOf({ endpoint: server.endpoint, ...PARAMETERS }, true, host).resolve("minio:sts"),
    );
    const refused = '"minio:identity" from "memory" was refused (HTTP 400, InvalidParameterValue)';
    assertEquals([error.code, error.trace[0]?.detail], ["denied", refused], message);
  }
});

Deno.test("sts() has a token that is refused replaced, and mints none for a mistake of the chain or an outage", async () => {
  for (const [message, outcome] of WITHOUT_ROLE) {
    await using server = startStandIn();
    server.answer.body = success();
    const resolver = resolverOf({ endpoint: server.endpoint });
    const held = await resolver.resolve("minio:sts");
    Object.assign(server.answer, { status: 400, body: awsError("InvalidParameterValue", message) });
    resolver.invalidate(held);
    const [served, asked] = [await resolver.resolve("minio:sts").catch(({ code }) => code), server.asked.length];
    // Hint: the keys in memory do not change, so that the replaced token is the same one, and is not sent again.
    assertEquals([served, asked], [outcome === "denied" ? "denied" : held, 2], message);
  }
});

Deno.test("sts() says that a policy is not valid JSON, and sends nothing", async () => {
  await using server = startStandIn();
  server.answer.body = success();
  const resolver = resolverOf({ endpoint: server.endpoint }, { policy: '{"Version":"2012-10-17",' });
  const { code, message } = await rejection(resolver.resolve("minio:sts"));
  assertEquals([code, message, server.asked.length], [
    "invalid",
    'Cannot resolve "minio:sts": "sts" is invalid: policy is not valid JSON',
    0,
  ]);
});

Deno.test("sts() sends no identity whose token is optional and not there", async () => {
  const chain = {
    stores: {
      sts: sts({ priority: 2, endpoint: "https://minio.example", webIdentity: "own:identity" }),
      memory: memory({ priority: 1, values: { subject: "app" } }),
    },
    credentials: {
      "own:identity": { fields: { subject: required(), token: optional() }, from: { memory: { prefix: "" } } },
      "minio:sts": { fields: { key: required() }, from: { sts: { fields: { key: "access_key" } } } },
    },
  };
  const host = testHost({ fetch: () => Promise.reject(new Error("asked")) });
  const { message } = await rejection((createResolver(chain as never, host) as Resolver).resolve("minio:sts"));
  assertEquals(
    message,
    'Cannot resolve "minio:sts": "sts" is invalid: token of "own:identity" from "memory" is not text',
  );
});
