import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromEnv } from "../../../mod.ts";
import { testClock, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { startFaultyEndpoint } from "../../support/servers/faulty_endpoint.ts";
import { awsError, EXPIRATION, resolverOf, startStandIn, success } from "../../support/stand_ins/sts.ts";

/** What is added to the detail of an answer that no STS gives. */
const WRONG = ": endpoint may be wrong";

/** An error in the format of Ceph. */
function cephError(code: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message></Message></Error>`;
}

Deno.test("sts() exchanges the web identity token for keys with an expiry", async () => {
  await using server = startStandIn();
  server.answer.body = success();
  const credential = await resolverOf({ endpoint: server.endpoint }).resolve("minio:sts");
  assertEquals(credential.get("access_key"), "fakeaccess");
  assertEquals(credential.get("secret_key"), "fake/secret+key=");
  assertEquals(credential.get("session_token"), "fake//token==");
  assertEquals(credential.expiresAt, Date.parse(EXPIRATION));
  assertEquals(server.asked, [{
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleSessionName: "alphaswarm-credentials",
    WebIdentityToken: "fake-token",
  }]);
});

Deno.test("sts() names the variable that gave the URL where no STS answers, and quotes nothing of the answer", async () => {
  const page = "<html><body>fake-leaked</body></html>";
  const answers: [status: number, body: string][] = [
    [200, page],
    [200, "<ListAllMyBucketsResult><Owner>fake-leaked</Owner></ListAllMyBucketsResult>"],
    [200, '{"message":"fake-leaked"}'],
    [200, page + "x".repeat(70_000)],
    [301, ""],
    [400, page],
    [403, page],
    [404, page],
    [404, awsError("NoSuchBucket")],
    [404, page + "x".repeat(70_000)],
    [405, cephError("MethodNotAllowed")],
    [415, '{"error":"fake-leaked"}'],
  ];
  for (const [status, body] of answers) {
    await using server = startStandIn();
    Object.assign(server.answer, { status, body });
    const host = testHost({ env: { STS_URL: server.endpoint }, fetch });
    const resolver = resolverOf({ endpoint: fromEnv("STS_URL") as never }, true, host);
    const { message } = await rejection(resolver.resolve("minio:sts"));
    assert(message.endsWith(": endpoint ($STS_URL) may be wrong"), `${status}: ${message}`);
    assert(!message.includes("fake-leaked"), message);
  }
});

Deno.test("sts() blames no URL for what an STS does answer", async () => {
  const answers: [status: number, body: string][] = [
    [200, success({ SessionToken: "" })],
    [200, success({ AccessKeyId: "<![DATA[fakeaccess]]>" })],
    [400, awsError("FakeUnknown")],
    [403, awsError("AccessDenied")],
    [404, awsError("NoSuchEntity")],
    [503, "<html>"],
  ];
  for (const [status, body] of answers) {
    await using server = startStandIn();
    Object.assign(server.answer, { status, body });
    const { message } = await rejection(resolverOf({ endpoint: server.endpoint }).resolve("minio:sts"));
    assert(!message.includes("may be wrong"), message);
  }
});

Deno.test("a parameter of undefined leaves that of the store as it is", async () => {
  await using server = startStandIn();
  server.answer.body = success();
  const request = { role: undefined, sessionName: undefined, duration: undefined } as never;
  const own = { endpoint: server.endpoint, role: "arn:aws:iam:::role/a", sessionName: "own", duration: 900_000 };
  await resolverOf(own, request).resolve("minio:sts");
  const { RoleArn, RoleSessionName, DurationSeconds } = server.asked[0]!;
  assertEquals([RoleArn, RoleSessionName, DurationSeconds], ["arn:aws:iam:::role/a", "own", "900"]);
});

Deno.test("sts() sends the role, session, policy and duration of the mapping, or else those of the store", async () => {
  await using server = startStandIn();
  server.answer.body = success();
  const own = { endpoint: server.endpoint, role: "arn:aws:iam:::role/a", sessionName: "own", duration: 900_000 };
  await resolverOf(own, { role: "arn:aws:iam:::role/b", policy: '{"Version":"2012-10-17"}' }).resolve("minio:sts");
  const { RoleArn, RoleSessionName, Policy, DurationSeconds } = server.asked[0]!;
  assertEquals([RoleArn, RoleSessionName, Policy, DurationSeconds], [
    "arn:aws:iam:::role/b",
    "own",
    '{"Version":"2012-10-17"}',
    "900",
  ]);
});

Deno.test("sts() classifies each error of a server, and never quotes its message", async (t) => {
  await using server = startStandIn();
  const who = '"minio:identity" from "memory" was refused';
  const unclear = '"minio:identity" from "memory", without a role, was refused';
  const cases: [status: number, body: string, code: string, message: string][] = [
    [400, awsError("ExpiredTokenException"), "denied", `${who} (HTTP 400, ExpiredTokenException)`],
    [400, awsError("InvalidIdentityToken"), "denied", `${who} (HTTP 400, InvalidIdentityToken)`],
    [403, awsError("IDPRejectedClaim"), "denied", `${who} (HTTP 403, IDPRejectedClaim)`],
    [400, awsError("ExpiredToken"), "denied", `${who} (HTTP 400, ExpiredToken)`],
    [400, awsError("InvalidParameterValue"), "denied", `${unclear} (HTTP 400, InvalidParameterValue)`],
    [403, cephError("AccessDenied"), "denied", `${unclear} (HTTP 403, AccessDenied)`],
    [403, "", "denied", `${unclear} (HTTP 403)${WRONG}`],
    [401, "<html>fake-leaked", "denied", `${unclear} (HTTP 401)${WRONG}`],
    [403, cephError("FakeLeaked"), "denied", `${unclear} (HTTP 403)`],
    [400, awsError("Throttling"), "unavailable", "the server answered HTTP 400, Throttling"],
    [400, awsError("IDPCommunicationError"), "unavailable", "the server answered HTTP 400, IDPCommunicationError"],
    [503, cephError("SlowDown"), "unavailable", "the server answered HTTP 503, SlowDown"],
    [503, awsError("STSNotInitialized"), "unavailable", "the server answered HTTP 503, STSNotInitialized"],
    [400, awsError("RequestTimeout"), "unavailable", "the server answered HTTP 400, RequestTimeout"],
    [400, awsError("RequestExpired"), "unavailable", "the server answered HTTP 400, RequestExpired"],
    [403, awsError("RequestThrottled"), "unavailable", "the server answered HTTP 403, RequestThrottled"],
    [400, awsError("ServiceUnavailable"), "unavailable", "the server answered HTTP 400, ServiceUnavailable"],
    [408, "", "unavailable", "the server answered HTTP 408"],
    [425, "", "unavailable", "the server answered HTTP 425"],
    [429, "", "unavailable", "the server answered HTTP 429"],
    [502, "<html>fake-leaked", "unavailable", "the server answered HTTP 502"],
    [400, awsError("MalformedPolicyDocument"), "invalid", "the server answered HTTP 400, MalformedPolicyDocument"],
    [400, awsError("ValidationError"), "invalid", "the server answered HTTP 400, ValidationError"],
    [405, cephError("MethodNotAllowed"), "invalid", `the server answered HTTP 405, MethodNotAllowed${WRONG}`],
    [400, awsError("FakeLeaked"), "invalid", "the server answered HTTP 400"],
    [404, "", "invalid", `the server answered HTTP 404${WRONG}`],
    [302, "", "invalid", `the server answered with a redirect, which is not followed: use its final URL${WRONG}`],
    [200, "", "invalid", `the answer is not XML: expected that of an STS${WRONG}`],
    [200, "<html><p>Sign in</p></html>", "invalid", `the answer has no usable AccessKeyId${WRONG}`],
    [200, "<html><p>Sign in</html>", "invalid", `the answer is not XML: expected that of an STS${WRONG}`],
    [200, '{"Credentials":{}}', "invalid", `the answer is not XML: expected that of an STS${WRONG}`],
    [
      200,
      success({ AccessKeyId: "<![DATA[fakeaccess]]>" }),
      "invalid",
      "the answer is not XML: expected that of an STS",
    ],
    [200, success().slice(0, -60), "invalid", "the answer is not XML: expected that of an STS"],
    [200, success({ SessionToken: "" }), "invalid", "the answer has no usable SessionToken"],
    [200, success({ SecretAccessKey: "a&amp;b" }), "invalid", "the answer has no usable SecretAccessKey"],
    [200, success({ Expiration: "soon" }), "invalid", "the expiry of the token is not a time in the future"],
    [200, success({ Expiration: "" }), "invalid", "the expiry of the token is not a time in the future"],
    [
      200,
      success({ Expiration: "2020-01-01T00:00:00Z" }),
      "invalid",
      "the expiry of the token is not a time in the future",
    ],
    [200, success({ SessionToken: "a".repeat(70_000) }), "invalid", `the answer is larger than 64 KiB${WRONG}`],
  ];
  for (const [status, body, code, message] of cases) {
    await t.step(`${status} ${message}`, async () => {
      Object.assign(server.answer, { status, body, headers: status === 302 ? { location: "/elsewhere" } : {} });
      const error = await rejection(resolverOf({ endpoint: server.endpoint }).resolve("minio:sts"));
      assertEquals(error.code, code, error.message);
      assertEquals(error.message, `Cannot resolve "minio:sts": "sts" is ${code}: ${message}`);
    });
  }
});

/** The messages of AWS and MinIO for a token that they cannot verify now. */
const WITHOUT_KEYS: readonly (readonly [code: string, message: string])[] = [
  [
    "InvalidIdentityToken",
    "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity " +
    "documentation for requirements",
  ],
  ["InvalidIdentityToken", "Couldn&apos;t retrieve verification key from your identity provider"],
  ["InvalidIdentityToken", "Couldn&#39;t retrieve verification key from your identity provider"],
  [
    "InvalidParameterValue",
    "Get &#34;http://fake-leaked/keys&#34;: dial tcp 127.0.0.1:1: connect: connection refused",
  ],
  ["InvalidParameterValue", 'Get "https://fake-leaked/keys": context deadline exceeded'],
  ["InvalidParameterValue", "503 Service Unavailable"],
];

Deno.test("sts() serves the held keys where the server cannot get the keys to verify a token, and does not replace the token", async (t) => {
  await using server = startStandIn();
  for (const [code, message] of WITHOUT_KEYS) {
    await t.step(message, async () => {
      const clock = testClock(Date.now());
      const resolver = resolverOf({ endpoint: server.endpoint }, true, { clock });
      Object.assign(server.answer, { status: 200, body: success() });
      const held = await resolver.resolve("minio:sts");
      await clock.advance(50 * 60_000);
      Object.assign(server.answer, { status: 400, body: awsError(code, message), headers: { "retry-after": "7" } });
      const asked = server.asked.length;
      const served = await resolver.resolve("minio:sts");
      assertEquals([served, server.asked.length - asked], [held, 1]);
      const error = await rejection(resolverOf({ endpoint: server.endpoint }).resolve("minio:sts"));
      assertEquals(
        error.message,
        `Cannot resolve "minio:sts": "sts" is unavailable: the server answered HTTP 400, ${code}: ` +
          "it could not get the identity provider's keys",
      );
    });
  }
  await t.step("another message refuses the token", async () => {
    server.answer.body = awsError("InvalidIdentityToken", "No OpenIDConnect provider found in your account");
    assertEquals(
      (await rejection(resolverOf({ endpoint: server.endpoint }).resolve("minio:sts"))).code,
      "denied",
    );
  });
});

Deno.test("sts() expands no XML entity, so that an answer can neither grow nor read a file", async () => {
  await using server = startStandIn();
  const entities = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y "fake">]>';
  server.answer.body = success({ SecretAccessKey: "&x;&y;" }).replace("?>", `?>${entities}`);
  const error = await rejection(resolverOf({ endpoint: server.endpoint }).resolve("minio:sts"));
  assertEquals(error.code, "invalid");
});

Deno.test("sts() is unavailable during an outage of any kind, and follows no redirect with its token", async (t) => {
  await using endpoint = await startFaultyEndpoint();
  for (const fault of ["refused", "silent", "trickle_body", "status_500", "status_503"] as const) {
    await t.step(fault, async () => {
      endpoint.set(fault);
      const error = await rejection(resolverOf({ endpoint: endpoint.url, ...{ timeout: 300 } }).resolve("minio:sts"));
      assertEquals(error.code, "unavailable", error.message);
      assert(!JSON.stringify([error, error.message]).includes("fake-token"));
    });
  }
  endpoint.set("redirect");
  await rejection(resolverOf({ endpoint: endpoint.url }).resolve("minio:sts"));
  assertEquals(endpoint.elsewhereRequests, 0);
});

Deno.test("sts() reports invalid options", async () => {
  for (
    const [options, expected] of [
      [{ endpoint: "http://minio:9000" }, "endpoint is plain http"],
      [{ endpoint: "minio:9000" }, "endpoint is not an https URL"],
      [
        { endpoint: "http://127.0.0.1:1", duration: 900 },
        "duration is not a whole number of seconds: expected a multiple of 1000 milliseconds",
      ],
      [
        { endpoint: "http://127.0.0.1:1", duration: 1_500 },
        "duration is not a whole number of seconds: expected a multiple of 1000 milliseconds",
      ],
    ] as const
  ) {
    const error = await rejection(resolverOf(options).resolve("minio:sts"));
    assertEquals(error.code, "invalid");
    assertStringIncludes(error.message, expected);
  }
});
