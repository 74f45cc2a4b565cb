import { assert, assertEquals, assertFalse } from "@std/assert";
import { inspect } from "node:util";
import { denied, type Host } from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { keysReason, keysResolver } from "../../support/fixtures/machine_keys.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import {
  fetchAt,
  type KeyAnswers,
  keysAnswer,
  rolePath,
  startKeyStandIn,
} from "../../support/stand_ins/machine_keys.ts";

/** The start of every value in the list, which no message may contain. */
const SECRET = "hunter2";

const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const ENDPOINT = "AWS_EC2_METADATA_SERVICE_ENDPOINT";

type Answer = () => Response;
type Case = readonly [
  message: string,
  env: Record<string, unknown>,
  answers: Answer | KeyAnswers,
  host?: Partial<Host>,
];

const ECS = { [RELATIVE]: `/${SECRET}` };
const status = (status: number) => () => Response.json({ code: SECRET, message: SECRET }, { status });
const body = (text: string) => () => new Response(text);
const PUT = "PUT /latest/api/token";
const session: KeyAnswers = { [PUT]: body(SECRET) };
const roles: KeyAnswers = { ...session, [rolePath()]: body(SECRET) };
const EXPIRED = "the keys of the answer have expired, by their Expiration";
const NOT_KEYS = "the answer is not JSON with AccessKeyId and SecretAccessKey";

const CONTAINERS: readonly Case[] = [
  [`"aws" is invalid: ${RELATIVE} is not a path: expected one that begins with /`, { [RELATIVE]: SECRET }, {}],
  [`"aws" is invalid: ${FULL} is not a URL`, { [FULL]: SECRET }, {}],
  [`"aws" is invalid: ${FULL} is not an https URL`, { [FULL]: `ftp://${SECRET}` }, {}],
  [`"aws" is invalid: ${FULL} contains user info: expected a URL without it`, {
    [FULL]: `https://a:${SECRET}@agent.example`,
  }, {}],
  [
    `"aws" is invalid: ${FULL} is plain http: expected https, a loopback address, or one of ` +
    "169.254.170.2, 169.254.170.23, [fd00:ec2::23]",
    { [FULL]: `http://${SECRET}.example` },
    {},
  ],
  [`"aws" is invalid: ${TOKEN} holds characters that no token has`, { ...ECS, [TOKEN]: `${SECRET}\r\nx: y` }, {}],
  [
    `"aws" is invalid: ${TOKEN_FILE} is set, and this runtime has no files: set ${TOKEN} instead`,
    { ...ECS, [TOKEN_FILE]: `/${SECRET}` },
    {},
    { files: false },
  ],
  [`"aws" is invalid: ${TOKEN_FILE} names a file that does not exist, or is blank`, {
    ...ECS,
    [TOKEN_FILE]: `/${SECRET}`,
  }, {}],
  [`"aws" is invalid: ${TOKEN_FILE} is not an absolute path`, { ...ECS, [TOKEN_FILE]: SECRET }, {}],
  [
    `"aws" is invalid: ${TOKEN_FILE} holds characters that no token has`,
    { ...ECS, [TOKEN_FILE]: "/token" },
    {},
    testHost({ files: { "/token": `${SECRET}\n${SECRET}\n` } }),
  ],
  [`"aws" is denied: needs --allow-env=${FULL}`, { [FULL]: denied(`needs --allow-env=${FULL}`) }, {}],
  [`"aws" is denied: needs --allow-env=${TOKEN_FILE}`, {
    ...ECS,
    [TOKEN_FILE]: denied(`needs --allow-env=${TOKEN_FILE}`),
  }, {}],
  ['"aws" is denied: the container was refused (HTTP 403)', ECS, status(403)],
  [`"aws" is denied: ${TOKEN} was refused (HTTP 401)`, { ...ECS, [TOKEN]: SECRET }, status(401)],
  [`"aws" is invalid: the server answered HTTP 400: ${RELATIVE} may be wrong`, ECS, status(400)],
  [
    `"aws" is invalid: the server answered with a redirect, which is not followed: use its final URL: ${RELATIVE} may be wrong`,
    ECS,
    () => Response.redirect(`https://${SECRET}.example`),
  ],
  ['"aws" is unavailable: the server answered HTTP 429', ECS, status(429)],
  ['"aws" is unavailable: the server answered HTTP 500', ECS, status(500)],
  [`"aws" is invalid: ${NOT_KEYS}: ${RELATIVE} may be wrong`, ECS, body(SECRET)],
  [`"aws" is invalid: ${NOT_KEYS}: ${RELATIVE} may be wrong`, ECS, body('{"AccessKeyId":7,"SecretAccessKey":""}')],
  [`"aws" is unavailable: ${EXPIRED}`, ECS, () => keysAnswer(1, Date.now() - 60_000)],
  [
    '"aws" is invalid: the Expiration of the answer is not a time',
    ECS,
    () => keysAnswer(1, undefined, { Expiration: SECRET }),
  ],
  ['"aws" is invalid: session_token is not text', ECS, () => keysAnswer(1, Date.now() + 60_000, { Token: 7 })],
  ['"aws" is unavailable: no connection to the server', { [FULL]: `http://127.0.0.1:1/${SECRET}` }, {}],
  ['"aws" is invalid: the answer is larger than 64 KiB', ECS, body(SECRET.repeat(10_000))],
];

const INSTANCES: readonly Case[] = [
  [`"aws" is invalid: ${ENDPOINT} is not a URL`, { [ENDPOINT]: SECRET }, {}],
  [
    `"aws" is invalid: ${ENDPOINT} is not an address of the service: expected a loopback address, or ` +
    "169.254.169.254 or [fd00:ec2::254]",
    { [ENDPOINT]: `https://${SECRET}.example` },
    {},
  ],
  ['"aws" is denied: needs --allow-env=AWS_EC2_METADATA_DISABLED', {
    AWS_EC2_METADATA_DISABLED: denied("needs --allow-env=AWS_EC2_METADATA_DISABLED"),
  }, {}],
  [`"aws" is denied: needs --allow-env=${ENDPOINT}`, { [ENDPOINT]: denied(`needs --allow-env=${ENDPOINT}`) }, {}],
  ['"aws" is denied: the instance metadata service is switched off (HTTP 403): switch it on', {}, {
    [PUT]: status(403),
  }],
  ['"aws" is invalid: the instance metadata service answered HTTP 404: it has no version 2 (IMDSv2)', {}, {}],
  ['"aws" is unavailable: the instance metadata service answered HTTP 503', {}, { [PUT]: status(503) }],
  ['"aws" is invalid: the instance metadata service gave no session token', {}, { [PUT]: body(`${SECRET} ${SECRET}`) }],
  ['"aws" is denied: the instance has no IAM role: attach an instance profile', {}, session],
  ['"aws" is denied: the instance has no IAM role: attach an instance profile', {}, {
    ...session,
    [rolePath()]: body("\n"),
  }],
  ['"aws" is unavailable: the instance metadata service answered HTTP 500', {}, {
    ...session,
    [rolePath()]: status(500),
  }],
  ['"aws" is denied: the request was refused (HTTP 403)', {}, { ...session, [rolePath()]: status(403) }],
  ...["..", "."].map((role): Case => [
    '"aws" is invalid: the instance metadata service gave no name of a role',
    {},
    { ...session, [rolePath()]: body(role) },
  ]),
  ['"aws" is invalid: the instance metadata service answered HTTP 404', {}, roles],
  ['"aws" is denied: the instance metadata service refused the session that it gave (HTTP 401)', {}, {
    ...roles,
    [rolePath(SECRET)]: status(401),
  }],
  ['"aws" is denied: the role of the instance gives no keys: correct its trust policy, or the instance profile', {}, {
    ...roles,
    [rolePath(SECRET)]: () => Response.json({ Code: "AssumeRoleUnauthorizedAccess", Message: SECRET }),
  }],
  [`"aws" is invalid: ${NOT_KEYS}`, {}, { ...roles, [rolePath(SECRET)]: body("<html>") }],
  [`"aws" is unavailable: ${EXPIRED}`, {}, {
    ...roles,
    [rolePath(SECRET)]: () => keysAnswer(1, Date.now() - 60_000, { Code: "Success" }),
  }],
];

async function reasonOf([message, env, given, host]: Case, imds: boolean): Promise<void> {
  const answers = typeof given === "function" ? { "*": given } : given;
  await using service = startKeyStandIn(answers);
  const all = { fetch: fetchAt(service), ...host, env };
  const options = imds ? { imds: true as const } : {};
  assertEquals(await keysReason(all, options), message);
  const error = await rejection(keysResolver(all, options).resolve("aws:keys"));
  for (const shown of [error.message, error.stack, inspect(error, { depth: null }), JSON.stringify(error)]) {
    assertFalse(String(shown).includes(SECRET), message);
  }
}

Deno.test("awsRuntime() words what the agent of a container answers, and shows nothing of it", async () => {
  for (const each of CONTAINERS) await reasonOf(each, false);
});

Deno.test("awsRuntime() words what an instance answers, and shows nothing of it", async () => {
  for (const each of INSTANCES) await reasonOf(each, true);
});

Deno.test("awsRuntime() says after a second why an instance may not answer", async () => {
  const host = testHost({ fetch: () => new Promise(() => {}) });
  const pending = keysReason(host, { imds: true });
  await host.clock.advance(1_000);
  const message = await pending;
  assertEquals(
    message,
    '"aws" is unavailable: no answer of the instance metadata service within 1000 ms: ' +
      "this is not EC2, or a container beyond the hop limit of its instance",
  );
  assert(host.clock.timers === 0);
});
