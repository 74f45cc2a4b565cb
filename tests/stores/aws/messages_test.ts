import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { inspect } from "node:util";
import { ChainError, createResolver, defineChain, fromEnv, memory, required } from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { secretsManager } from "../../../src/stores/aws/mod.ts";
import {
  type AwsChainParts,
  type AwsKey,
  awsReason,
  awsResolver,
  awsTextResolver,
} from "../../support/fixtures/aws_chain.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { type AwsAnswer, AwsStandIn, failure } from "../../support/stand_ins/aws.ts";

/** The start of every value in the list, which no message may contain. */
const SECRET = "hunter2";

type Case = readonly [message: string, answer: AwsAnswer | undefined, parts?: AwsChainParts];

const KEYS = { access_key: "AKIAFAKE", secret_key: SECRET };
const NOW = testHost().clock.now();
const dated = (at: number) => ({ date: new Date(at).toUTCString() });
const said = (code: string, message = "", headers = {}) => failure(code, `${message} ${SECRET}`, undefined, headers);
const found = (secret: object): AwsAnswer => [200, { VersionId: "1", ...secret }];

const WHO = '"aws:keys" from "memory"';
const REFUSED = `"sm" is denied: ${WHO} was refused`;
const ANSWERED = "the server answered HTTP";
const NO_JSON = "and not with the JSON of AWS";
const WITH_URL: AwsChainParts = { endpoint: "https://aws.example" };
const KMS = "allow kms:Decrypt with its KMS key, and see that the key is enabled";
const TEXTLESS = { toString: SECRET, valueOf: SECRET };
const LOST_CHARACTER = `${WHO} has a key with a character that no key of AWS has, such as a line break`;

const ERRORS: readonly Case[] = [
  [
    `"sm" is denied: ${WHO} is not allowed secretsmanager:GetSecretValue on prod/app`,
    said(
      "AccessDeniedException",
      "User: x is not authorized to perform: secretsmanager:GetSecretValue on resource: kms-x",
    ),
  ],
  [
    `"sm" is denied: ${WHO} cannot decrypt prod/app: ${KMS}`,
    said("AccessDeniedException", "Access to KMS is not allowed"),
  ],
  [
    `"sm" is denied: ${WHO} cannot decrypt prod/app: ${KMS}`,
    said("AccessDeniedException", "The ciphertext refers to a customer master key that does not exist"),
  ],
  [
    `"sm" is denied: ${WHO} cannot decrypt prod/app: ${KMS}`,
    said("AccessDeniedException", "User: x is not authorized to perform: kms:Decrypt on resource: x"),
  ],
  [`"sm" is denied: ${WHO} cannot decrypt prod/app: ${KMS}`, said("DecryptionFailure")],
  [`${REFUSED} (HTTP 400, ExpiredTokenException)`, said("ExpiredTokenException")],
  [`${REFUSED} (HTTP 400, UnrecognizedClientException)`, said("UnrecognizedClientException")],
  [
    `${REFUSED} (HTTP 400, InvalidSignatureException)`,
    said("InvalidSignatureException", "The request signature we calculated"),
  ],
  [`${REFUSED} (HTTP 403, InvalidClientTokenId)`, said("InvalidClientTokenId")],
  [`${REFUSED} (HTTP 403, MissingAuthenticationToken)`, said("MissingAuthenticationToken")],
  [`${REFUSED} (HTTP 400, IncompleteSignature)`, said("IncompleteSignature")],
  [`${REFUSED} (HTTP 403, OptInRequired)`, said("OptInRequired")],
  [
    `"sm" is invalid: ${ANSWERED} 400, InvalidSignatureException: this machine's clock is 2 h behind the server's: correct the clock`,
    said("InvalidSignatureException", "Signature expired: x is now earlier", dated(NOW + 7_200_000)),
  ],
  [
    `"sm" is invalid: ${ANSWERED} 400, InvalidSignatureException: this machine's clock is 2 h ahead of the server's: correct the clock`,
    said("InvalidSignatureException", "Signature not yet current: x", dated(NOW - 7_200_000)),
  ],
  [
    `"sm" is unavailable: ${ANSWERED} 400, InvalidSignatureException`,
    said("InvalidSignatureException", "Signature expired: x is now earlier", dated(NOW)),
  ],
  [`"sm" is unavailable: ${ANSWERED} 400, RequestExpired`, said("RequestExpired", "", dated(NOW))],
  [`"sm" is unavailable: ${ANSWERED} 400, ThrottlingException`, said("ThrottlingException")],
  [`"sm" is unavailable: ${ANSWERED} 400, TooManyUpdates`, said("TooManyUpdates")],
  [`"sm" is unavailable: ${ANSWERED} 400, RequestLimitExceeded`, said("RequestLimitExceeded")],
  [`"sm" is unavailable: ${ANSWERED} 500, InternalServiceError`, said("InternalServiceError")],
  [`"sm" is unavailable: ${ANSWERED} 500, InternalFailure`, said("InternalFailure")],
  [`"sm" is unavailable: ${ANSWERED} 503, ServiceUnavailable`, said("ServiceUnavailable")],
  [
    '"sm" is invalid: prod/app is marked for deletion: restore it, or remove it from the chain',
    said(
      "InvalidRequestException",
      "You can't perform this operation on the secret because it was marked for deletion.",
    ),
  ],
  [`"sm" is invalid: ${ANSWERED} 400, InvalidRequestException`, said("InvalidRequestException", "You tried to")],
  [`"sm" is invalid: ${ANSWERED} 400, InvalidParameterException`, said("InvalidParameterException")],
  [`"sm" is invalid: ${ANSWERED} 400`, said(`${SECRET}Exception`)],
  [`"sm" is denied: ${WHO} was refused (HTTP 403)`, failure(`${SECRET}Exception`, SECRET, 403)],
  [
    `"sm" is invalid: ${ANSWERED} 400, InvalidSignatureException: region may be wrong`,
    said("InvalidSignatureException", "Credential should be scoped to a valid region, not 'eu-west-1'."),
  ],
  [
    `"sm" is invalid: ${ANSWERED} 400, InvalidSignatureException: region or endpoint may be wrong`,
    said("InvalidSignatureException", "Credential should be scoped to correct service: 'ssm'."),
    WITH_URL,
  ],
  [
    `${REFUSED} (HTTP 400, UnrecognizedClientException)`,
    said("UnrecognizedClientException"),
    { keys: { access_key: "ASIAFAKE", secret_key: SECRET, session_token: SECRET } },
  ],
  // A member may be anything, also what cannot be made a text.
  [`"sm" is invalid: ${ANSWERED} 400`, [400, { __type: TEXTLESS, message: TEXTLESS }]],
  [
    `"sm" is denied: ${WHO} is not allowed secretsmanager:GetSecretValue on prod/app`,
    [400, { __type: "AccessDeniedException", message: TEXTLESS }],
  ],
  // The service's code may be in a header, with a namespace and an address.
  [`${REFUSED} (HTTP 400, ExpiredTokenException)`, [400, {}, {
    "x-amzn-errortype": `ExpiredTokenException:http://x/${SECRET}`,
  }]],
  [`${REFUSED} (HTTP 400, ExpiredTokenException)`, said("com.amazon.coral.service#ExpiredTokenException")],
];

const ODD_ANSWERS: readonly Case[] = [
  [`"sm" is invalid: ${ANSWERED} 200, ${NO_JSON}`, [200, `<html>${SECRET}`]],
  [`"sm" is invalid: ${ANSWERED} 200, ${NO_JSON}: endpoint may be wrong`, [200, `<html>${SECRET}`], WITH_URL],
  [`"sm" is invalid: ${ANSWERED} 404, ${NO_JSON}: endpoint may be wrong`, [404, `<html>${SECRET}`], WITH_URL],
  [`"sm" is invalid: ${ANSWERED} 404: endpoint may be wrong`, [404, { message: SECRET }], WITH_URL],
  [`"sm" is denied: ${WHO} was refused (HTTP 403), ${NO_JSON}`, [403, `<html>${SECRET}`]],
  [`"sm" is unavailable: ${ANSWERED} 502`, [502, `<html>${SECRET}`]],
  ['"sm" is invalid: the server answered with a redirect, which is not followed: use its final URL', [302, {}, {
    location: `https://${SECRET}.example`,
  }]],
  ['"sm" is invalid: the answer is larger than 1024 KiB', [200, SECRET.repeat(200_000)]],
  [
    '"sm" is invalid: the answer is larger than 1024 KiB: endpoint may be wrong',
    [200, SECRET.repeat(200_000)],
    WITH_URL,
  ],
  [
    '"sm" is invalid: prod/app is not valid JSON: expected a JSON object, or text: true in the mapping',
    found({ SecretString: `{"user": ${SECRET}` }),
  ],
  ['"sm" is invalid: prod/app is a scalar: expected a JSON object', found({ SecretString: `"${SECRET}"` })],
  [
    '"sm" is invalid: prod/app is binary: expected text, or binary: "base64" and text: true in the mapping',
    found({ SecretBinary: btoa(SECRET) }),
  ],
  [
    '"sm" is invalid: prod/app is binary: expected text, or binary: "base64" and text: true in the mapping',
    found({ SecretBinary: btoa(SECRET) }),
    { secrets: { binary: "base64" } },
  ],
  ['"sm" is invalid: the answer has neither text nor binary for prod/app', found({})],
];

const MISTAKES: readonly Case[] = [
  [
    `"sm" is denied: the access_key of ${WHO} is temporary, and has no session_token, without which AWS refuses it`,
    undefined,
    { keys: { access_key: "ASIAFAKE", secret_key: SECRET } },
  ],
  ['"sm" is invalid: endpoint is not a URL', undefined, { endpoint: SECRET }],
  [
    '"sm" is invalid: endpoint is plain http: expected https, a loopback address, or allowInsecureHttp: true',
    undefined,
    { endpoint: "http://aws.example" },
  ],
  [`"sm" is invalid: ${LOST_CHARACTER}`, undefined, { keys: { ...KEYS, secret_key: `${SECRET}\n` } }],
  [`"sm" is invalid: ${LOST_CHARACTER}`, undefined, { keys: { ...KEYS, session_token: `${SECRET}\r\nx: y` } }],
];

const PARAMETERS: readonly (readonly [AwsKey, ...Case])[] = [
  [
    "ssm:app",
    `"ssm" is denied: ${WHO} is not allowed ssm:GetParameter on /prod/app`,
    said("AccessDeniedException", "x"),
  ],
  ["ssm:app", `"ssm" is denied: ${WHO} cannot decrypt /prod/app: ${KMS}`, said("InvalidKeyId")],
  ["ssm:app", `"ssm" is unavailable: ${ANSWERED} 500, InternalServerError`, said("InternalServerError")],
  ["ssm:app", '"ssm" is invalid: the answer has no value for /prod/app', [200, { Parameter: {} }]],
  ["ssm:app", '"ssm" is invalid: /prod/app is not valid JSON: expected a JSON object, or text: true in the mapping', [
    200,
    { Parameter: { Value: SECRET } },
  ]],
  [
    "ps:app",
    `"ps" is denied: ${WHO} is not allowed ssm:GetParameters on /prod/app/user, /prod/app/password`,
    said("AccessDeniedException", "x"),
  ],
  [
    "ps:app",
    '"ps" is invalid: the answer has no value for /prod/app/user and the answer has no value for /prod/app/password',
    [200, {}],
  ],
  [
    "ps:app",
    '"ps" is invalid: the answer has no value for /prod/app/user and the answer has no value for /prod/app/password',
    [200, { Parameters: [{ Name: TEXTLESS, ARN: TEXTLESS, Selector: TEXTLESS, Value: SECRET }, TEXTLESS] }],
  ],
  // What is listed as missing and is there all the same is not known to be missing.
  [
    "ps:app",
    '"ps" is invalid: the answer has no value for /prod/app/user and the answer has no value for /prod/app/password',
    [200, {
      Parameters: ["user", "password"].map((name) => ({ Name: `/prod/app/${name}`, Value: null })),
      InvalidParameters: ["/prod/app/user", "/prod/app/password"],
    }],
  ],
  [
    "ps:app",
    '"ps" is incomplete: only part of the identity is present: supply /prod/app/password',
    [200, {
      Parameters: [{ Name: "/prod/app/user", Value: SECRET, Version: TEXTLESS }],
      InvalidParameters: ["/prod/app/password"],
    }],
  ],
  ["ps:app", `"ps" is invalid: ${ANSWERED} 400, ValidationException`, said("ValidationException")],
];

/** A stand-in for AWS that gives one answer, without a network. */
function network(answer: AwsAnswer | undefined) {
  const aws = new AwsStandIn();
  aws.keys.set("AKIAFAKE", { secret_key: SECRET });
  aws.keys.set("ASIAFAKE", { secret_key: SECRET });
  aws.answer = answer;
  const fetch = (input: string | URL | Request, init?: RequestInit) => aws.handle(new Request(input, init));
  const host = testHost({ fetch });
  aws.now = () => host.clock.now();
  return host;
}

const ALL: readonly (readonly [AwsKey, ...Case])[] = [
  ...[...ERRORS, ...ODD_ANSWERS, ...MISTAKES].map((each) => ["sm:app", ...each] as const),
  ...PARAMETERS,
];

Deno.test("every message of the stores of AWS says what is wrong, and quotes nothing of an answer", async () => {
  for (const [key, message, answer, parts] of ALL) {
    const reason = await awsReason({ keys: KEYS, ...parts }, key, network(answer));
    assertEquals(reason, message);
    assertFalse(reason.includes(SECRET));
  }
});

Deno.test("no error of a store of AWS, printed whole, holds a key or what the server said", async () => {
  for (const [key, , answer, parts] of ALL) {
    await using resolver = awsResolver({ keys: KEYS, ...parts }, network(answer));
    const error = await rejection(resolver.resolve(key));
    assertFalse(inspect(error, { depth: 9, showHidden: true }).includes(SECRET));
  }
});

/** A chain with a store whose options no compiler checks. */
function makeChain(options: object) {
  return defineChain({
    stores: {
      sm: secretsManager({ priority: 2, region: "eu-west-1", credentials: "aws:keys", ...options }),
      memory: memory({ priority: 1, values: KEYS }),
    },
    credentials: {
      "aws:keys": { fields: { access_key: required(), secret_key: required() }, from: { memory: { prefix: "" } } },
      "sm:app": { fields: { user: required() }, from: { sm: "prod/app" } },
    },
  });
}

Deno.test("a region that would lead elsewhere is a mistake in the chain, and so is another encoding than base64", () => {
  const problemsOf = (options: object) =>
    assertThrows(() => createResolver(makeChain(options)), ChainError).problems.map((
      { path, message },
    ) => [path, message]);
  for (const region of ["eu-west-1.evil.example", "eu-west-1/", "evil", "", "EU-WEST-1", "evil.example#-1"]) {
    assertEquals(problemsOf({ region }), [["stores.sm.region", "Expected a region, such as eu-west-1"]], region);
  }
  assertEquals(problemsOf({ binary: "hex" }), [["stores.sm.binary", 'Expected "base64"']]);
  for (const stage of ["", " AWSCURRENT", "AWSCURRENT\n"]) {
    assertEquals(problemsOf({ stage }), [["stores.sm.stage", "Expected a staging label, such as AWSCURRENT"]], stage);
  }
});

Deno.test("a variable with a wrong region, endpoint, stage or encoding is named, and nothing is sent", async () => {
  const cases = [
    [{ region: fromEnv("X") }, "eu-west-1.evil.example", "region ($X) is not a region, such as eu-west-1"],
    [{ endpoint: fromEnv("X") }, "ftp://aws.example", "endpoint ($X) is not an https URL"],
    [
      { endpoint: fromEnv("X") },
      "https://u:p@aws.example",
      "endpoint ($X) contains user info: expected a URL without it",
    ],
    [{ stage: fromEnv("X") }, "AWSCURRENT ", "stage ($X) is not a staging label, such as AWSCURRENT"],
    [{ binary: fromEnv("X") }, "hex", 'binary ($X) is not "base64"'],
  ] as const;
  for (const [options, value, reason] of cases) {
    let sent = 0;
    const fetch = () => Promise.reject(new Error(`${++sent}`));
    await using resolver = createResolver(makeChain(options), { env: { X: value }, fetch });
    const { message } = await rejection(resolver.resolve("sm:app"));
    assertEquals([message, sent], [`Cannot resolve "sm:app": "sm" is invalid: ${reason}`, 0]);
  }
});

Deno.test("a binary secret is not given as text unless the chain says so", async () => {
  const host = network(found({ SecretBinary: btoa(SECRET) }));
  await using resolver = awsTextResolver({ secret: "prod/app", parameter: "/prod/app", keys: KEYS }, host);
  const { message } = await rejection(resolver.resolve("sm:token"));
  const expected = 'prod/app is binary: expected text, or binary: "base64" and text: true in the mapping';
  assertEquals(message, `Cannot resolve "sm:token": "sm" is invalid: ${expected}`);
});
