import { assert, assertEquals, assertFalse } from "@std/assert";
import { inspect } from "node:util";
import { createResolver, defineChain, denied, fromEnv, type Host, memory, required } from "../../../mod.ts";
import { githubActions, type GithubActionsRequest } from "../../../src/stores/identity/mod.ts";
import { jwtClaims } from "../../../src/core/chain/jwt_expiry.ts";
import { testClock, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { fakeJwt } from "../../support/fixtures/fake_jwt.ts";
import { startJwtIssuer } from "../../support/servers/jwt_issuer.ts";
import { startGithubRunner } from "../../support/stand_ins/github_runner.ts";

const SECOND = 1_000;

function resolverOf(host: Host, request: true | { readonly audience?: unknown } = true) {
  return createResolver(
    defineChain({
      stores: {
        job: githubActions({ priority: 2 }),
        memory: memory({ priority: 1, values: { token: "fake-lower" } }),
      },
      credentials: {
        "job:token": { fields: { token: required() }, from: { job: request as GithubActionsRequest } },
        "job:default": { fields: { token: required() }, from: { job: true } },
        "job:either": { fields: { token: required() }, from: { job: true, memory: { prefix: "" } } },
      },
    }),
    host,
  );
}

Deno.test("githubActions() is off outside Actions, whatever else is set, and asks nothing", async () => {
  let requests = 0;
  for (const env of [{}, { GITHUB_ACTIONS: "false", ACTIONS_ID_TOKEN_REQUEST_URL: "https://x.example" }]) {
    const host = testHost({ env, fetch: () => Promise.reject(requests++) });
    const { trace, degraded } = await resolverOf(host).resolve("job:either");
    assertEquals([trace.map(({ outcome }) => outcome), degraded], [["off", "hit"], false]);
  }
  assertEquals(requests, 0);
});

Deno.test("githubActions() gets a token for each audience, keeps it, and renews it while a job runs", async () => {
  const clock = testClock(Date.now());
  await using issuer = await startJwtIssuer();
  await using runner = startGithubRunner(issuer, clock.now);
  const audience = "https://vault.example/v1?a=b&c=d e";
  const resolver = resolverOf({ env: runner.env, clock }, { audience });
  const [first, other] = await Promise.all([resolver.resolve("job:token"), resolver.resolve("job:default")]);
  assertEquals(jwtClaims(first.get("token"))!.aud, audience);
  assertEquals(jwtClaims(other.get("token"))!.aud, "https://github.com/octo");
  assertEquals(runner.asked.sort(), [audience, null].sort());
  await Promise.all(Array.from({ length: 1_000 }, () => resolver.resolve("job:token")));
  assertEquals(runner.asked.length, 2);
  for (let minute = 0; minute < 10; minute++) {
    await clock.advance(60 * SECOND);
    const { expiresAt } = await resolver.resolve("job:token");
    assert(expiresAt! > clock.now());
  }
  assertEquals(runner.asked.length, 5);
  resolver.invalidate(await resolver.resolve("job:token"));
  await resolver.resolve("job:token");
  assertEquals(runner.asked.length, 6);
});

Deno.test("githubActions() takes the audience from a variable, and several audiences in a token", async () => {
  const token = fakeJwt({ aud: ["sts.example", "other"], exp: 4_000_000_000 });
  const asked: string[] = [];
  const fetch = (input: RequestInfo | URL) => {
    asked.push(String(input));
    return Promise.resolve(Response.json({ value: token }));
  };
  const env = {
    GITHUB_ACTIONS: "true",
    ACTIONS_ID_TOKEN_REQUEST_URL: "https://x.example/?api-version=2.0&audience=mine",
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "fake",
    AUDIENCE: "sts.example",
  };
  await resolverOf(testHost({ env, fetch }), { audience: fromEnv("AUDIENCE") }).resolve("job:token");
  assertEquals(asked, ["https://x.example/?api-version=2.0&audience=sts.example"]);
});

/** The start of every value in the list, which no message may contain. */
const SECRET = "hunter2";
const JOB = {
  GITHUB_ACTIONS: "true",
  ACTIONS_ID_TOKEN_REQUEST_URL: `https://${SECRET}.example/?key=${SECRET}`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: SECRET,
};
const NEEDS = "is not set: the job needs permissions: id-token: write";
const URL_NAME = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN_NAME = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
const NO_TOKEN = `the answer holds no token: ${URL_NAME} may be wrong`;
const value = (token: unknown) => () => Response.json({ value: token });
const status = (status: number) => () => Response.json({ message: SECRET }, { status });
const NO_EXPIRY = '"job" is invalid: the token is not a JWT with an expiry (exp)';

const MESSAGES: readonly (readonly [string, Record<string, unknown>, (() => Response)?, object?])[] = [
  [`"job" is denied: ${URL_NAME} ${NEEDS}`, { GITHUB_ACTIONS: "true" }],
  [`"job" is denied: ${TOKEN_NAME} ${NEEDS}`, { ...JOB, [TOKEN_NAME]: "" }],
  ['"job" is denied: needs --allow-env=GITHUB_ACTIONS', { GITHUB_ACTIONS: denied("needs --allow-env=GITHUB_ACTIONS") }],
  [`"job" is denied: needs --allow-env=${URL_NAME}`, { ...JOB, [URL_NAME]: denied(`needs --allow-env=${URL_NAME}`) }],
  [`"job" is denied: needs --allow-env=${TOKEN_NAME}`, {
    ...JOB,
    [TOKEN_NAME]: denied(`needs --allow-env=${TOKEN_NAME}`),
  }],
  [`"job" is invalid: ${TOKEN_NAME} holds characters that no token has`, { ...JOB, [TOKEN_NAME]: `${SECRET}\n` }],
  [`"job" is invalid: ${URL_NAME} is not a URL`, { ...JOB, [URL_NAME]: SECRET }],
  [`"job" is invalid: ${URL_NAME} is plain http: expected https, or a loopback address`, {
    ...JOB,
    [URL_NAME]: `http://${SECRET}.example`,
  }],
  ['"job" is invalid: audience is not text', JOB, status(500), { audience: 7 }],
  [`"job" is denied: ${TOKEN_NAME} was refused (HTTP 401)`, JOB, status(401)],
  ['"job" is unavailable: the server answered HTTP 503', JOB, status(503)],
  ['"job" is invalid: the server answered HTTP 404', JOB, status(404)],
  [`"job" is invalid: ${NO_TOKEN}`, JOB, () => new Response(SECRET)],
  [`"job" is invalid: ${NO_TOKEN}`, JOB, value(7)],
  [`"job" is invalid: ${NO_TOKEN}`, JOB, () => Response.json(null)],
  [NO_EXPIRY, JOB, value(SECRET)],
  [NO_EXPIRY, JOB, value(fakeJwt({ aud: SECRET }))],
  ['"job" is invalid: the expiry of the token is not a time in the future', JOB, value(fakeJwt({ exp: 1 }))],
  [
    '"job" is invalid: the token is for another audience than was asked for',
    JOB,
    value(fakeJwt({ exp: 4_000_000_000, aud: SECRET })),
    { audience: "vault" },
  ],
  [
    '"job" is invalid: the token is for another audience than was asked for',
    JOB,
    value(fakeJwt({ exp: 4_000_000_000 })),
    { audience: "vault" },
  ],
];

Deno.test("githubActions() words what a job lacks and what it is answered, and shows nothing of it", async () => {
  for (const [message, env, answer, request] of MESSAGES) {
    const host = testHost({ env, fetch: () => Promise.resolve(answer?.() ?? new Response(SECRET)) });
    const error = await rejection(resolverOf(host, request ?? true).resolve("job:token"));
    assertEquals(error.message, `Cannot resolve "job:token": ${message}`);
    for (const shown of [error.stack, inspect(error, { depth: null }), JSON.stringify(error)]) {
      assertFalse(String(shown).includes(SECRET), message);
    }
  }
});
