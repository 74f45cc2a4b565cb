import { assert, assertEquals } from "@std/assert";
import { createResolver, defineChain, required } from "../../../mod.ts";
import { awsRuntime } from "../../../src/stores/aws/mod.ts";
import { testClock, testHost } from "../../../src/testing/mod.ts";
import { keysReason, keysResolver } from "../../support/fixtures/machine_keys.ts";
import { testInDirectory } from "../../support/fixtures/directory.ts";
import { problems, rejection } from "../../support/fixtures/rejection.ts";
import {
  fetchAt,
  instanceAnswers,
  type KeyAnswers,
  keysAnswer,
  rolePath,
  startKeyStandIn,
} from "../../support/stand_ins/machine_keys.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";

Deno.test("awsRuntime() is off where nothing says that the machine has keys, and asks nothing", async () => {
  let requests = 0;
  const fetch = () => Promise.reject(requests++);
  for (const env of [{}, { [FULL]: "", [RELATIVE]: " " }] as Record<string, string>[]) {
    const credential = await keysResolver(testHost({ env, fetch })).resolve("aws:either");
    assertEquals(credential.trace.map(({ store, outcome }) => `${store} ${outcome}`), ["aws off", "memory hit"]);
    assertEquals(credential.degraded, false);
  }
  const disabled = testHost({ env: { AWS_EC2_METADATA_DISABLED: "TRUE" }, fetch });
  assertEquals((await keysResolver(disabled, { imds: true }).resolve("aws:either")).source, "memory");
  assertEquals(requests, 0);
});

Deno.test("awsRuntime() asks the agent of ECS at its own address, for the path that the variable has", async () => {
  await using agent = startKeyStandIn({ "GET /v2/credentials/7?a=b": () => keysAnswer(1, Date.now() + HOUR) });
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    asked.push(String(input));
    return fetchAt(agent)(input, init);
  };
  const env = { [RELATIVE]: "/v2/credentials/7?a=b", [FULL]: "http://127.0.0.1:1/" };
  const credential = await keysResolver({ env, fetch }).resolve("aws:keys");
  assertEquals(["access_key", "secret_key", "session_token"].map((name) => credential.get(name as "access_key")), [
    "fake-access-1",
    "fake-secret-1",
    "fake-session-1",
  ]);
  assertEquals(asked, ["http://169.254.170.2/v2/credentials/7?a=b"]);
  assertEquals(agent.sent[0]!.authorization, null);
  const other = { [RELATIVE]: "//other.example/keys" };
  assertEquals(
    await keysReason({ env: other, fetch }),
    '"aws" is invalid: the server answered HTTP 404: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI may be wrong',
  );
  assertEquals(asked[1], "http://169.254.170.2//other.example/keys");
});

Deno.test("awsRuntime() sends keys requests by plain http only to this machine and to AWS's agents", async () => {
  const urls = {
    "http://127.0.0.1:9/keys": true,
    "http://localhost:9/keys": true,
    "http://[::1]:9/keys": true,
    "http://169.254.170.2/keys": true,
    "http://169.254.170.23/v1/credentials": true,
    "http://[fd00:ec2::23]/v1/credentials": true,
    "https://agent.example/keys": true,
    "http://agent.example/keys": false,
    "http://169.254.169.254/keys": false,
    "http://127.0.0.1.agent.example/keys": false,
    "http://0177.0.0.1/keys": true,
  };
  for (const [url, isAllowed] of Object.entries(urls)) {
    let requests = 0;
    const fetch = () => Promise.resolve(keysAnswer(++requests, Date.now() + HOUR));
    const found = await keysReason({ env: { [FULL]: url }, fetch });
    assertEquals([found === 'a hit of "aws"', requests], [isAllowed, isAllowed ? 1 : 0], url);
  }
});

testInDirectory(
  "awsRuntime() reads the token of a pod at each request, so that a rotated one counts",
  async (directory) => {
    const clock = testClock();
    let number = 0;
    await using agent = startKeyStandIn({ "*": () => keysAnswer(++number, clock.now() + HOUR) });
    const path = `${directory}/eks-pod-identity-token`;
    const env = {
      [FULL]: `${agent.url}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake-unused",
    };
    const resolver = keysResolver({ env, clock });
    Deno.writeTextFileSync(path, "fake-token-1\n");
    await resolver.resolve("aws:keys");
    Deno.writeTextFileSync(path, "fake-token-2");
    await clock.advance(50 * MINUTE);
    assertEquals((await resolver.resolve("aws:keys")).get("access_key"), "fake-access-2");
    assertEquals(agent.sent.map(({ authorization }) => authorization), ["fake-token-1", "fake-token-2"]);
  },
);

Deno.test("awsRuntime() renews keys before they expire, once for a thousand callers, and never serves expired ones", async () => {
  const clock = testClock();
  let number = 0;
  const agentAnswers: KeyAnswers = { "*": () => keysAnswer(++number, clock.now() + 6 * HOUR) };
  await using agent = startKeyStandIn(agentAnswers);
  const env = { [FULL]: agent.url, AWS_CONTAINER_AUTHORIZATION_TOKEN: "Basic fake" };
  const resolver = keysResolver({ env, clock });
  const first = await resolver.resolve("aws:keys");
  assertEquals([first.expiresAt, agent.sent[0]!.authorization], [clock.now() + 6 * HOUR, "Basic fake"]);
  await clock.advance(5 * HOUR - SECOND);
  assert(await resolver.resolve("aws:keys") === first);
  await clock.advance(SECOND);
  await Promise.all(Array.from({ length: 1_000 }, () => resolver.resolve("aws:keys")));
  assertEquals([(await resolver.resolve("aws:keys")).get("access_key"), agent.sent.length], ["fake-access-2", 2]);
  agentAnswers["*"] = () => new Response(null, { status: 503 });
  await clock.advance(5.5 * HOUR);
  assertEquals((await resolver.resolve("aws:keys")).get("access_key"), "fake-access-2");
  await clock.advance(HOUR);
  const { code, message } = await rejection(resolver.resolve("aws:keys"));
  assertEquals(code, "unavailable");
  assert(message.includes("the held token has expired"), message);
  assertEquals((await resolver.resolve("aws:either")).degraded, true);
});

Deno.test("awsRuntime() takes keys without an expiry, and asks for them again after five minutes", async () => {
  const clock = testClock();
  let number = 0;
  await using agent = startKeyStandIn({ "*": () => keysAnswer(++number, undefined, { Token: undefined }) });
  const resolver = keysResolver({ env: { [FULL]: agent.url }, clock });
  const credential = await resolver.resolve("aws:keys");
  assertEquals([credential.expiresAt, credential.get("session_token")], [undefined, undefined]);
  await clock.advance(5 * MINUTE);
  assertEquals((await resolver.resolve("aws:keys")).get("access_key"), "fake-access-2");
});

Deno.test("awsRuntime() gets the keys of an EC2 instance by IMDSv2 alone, where the chain says so", async () => {
  const clock = testClock();
  let number = 0;
  await using service = startKeyStandIn(
    instanceAnswers(() => keysAnswer(++number, clock.now() + 6 * HOUR, { Code: "Success" })),
  );
  const host = { env: {}, fetch: fetchAt(service), clock };
  const resolver = keysResolver(host, { imds: true });
  assertEquals((await resolver.resolve("aws:keys")).get("secret_key"), "fake-secret-1");
  const first = [
    ["PUT", "/latest/api/token", null],
    ["GET", "/latest/meta-data/iam/security-credentials/", "fake-session-1"],
    ["GET", "/latest/meta-data/iam/security-credentials/app%20role", "fake-session-1"],
  ];
  assertEquals(service.sent.map(({ method, path, session }) => [method, path, session]), first);
  await clock.advance(5 * HOUR);
  assertEquals((await resolver.resolve("aws:keys")).get("secret_key"), "fake-secret-2");
  assertEquals(service.sent.slice(3).map(({ session }) => session), [null, "fake-session-2", "fake-session-2"]);
  assertEquals(clock.timers, 0);
});

Deno.test("awsRuntime() asks a container's agent alone, also where instances may be asked", async () => {
  await using agent = startKeyStandIn({ "*": () => keysAnswer(1, Date.now() + HOUR) });
  await keysResolver({ env: { [FULL]: `${agent.url}/keys` } }, { imds: true }).resolve("aws:keys");
  assertEquals(agent.sent.map(({ method, path }) => `${method} ${path}`), ["GET /keys"]);
});

Deno.test("awsRuntime() begins another session once where the instance refuses one, and never asks without", async () => {
  for (const [refused, code] of [[1, undefined], [2, "denied"]] as const) {
    await using service = startKeyStandIn(instanceAnswers(() => keysAnswer(1, Date.now() + HOUR, { Code: "Success" })));
    const keys = service.answers[rolePath("app role")]!;
    let left = refused as number;
    service.answers[rolePath("app role")] = (request) =>
      left-- > 0 ? new Response(null, { status: 401 }) : keys(request);
    const found = await keysResolver({ env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: service.url } }, { imds: true })
      .resolve("aws:keys").then(() => undefined, ({ code }) => code);
    assertEquals(found, code);
    assertEquals(service.sent.filter(({ method }) => method === "PUT").length, 2);
    assert(service.sent.every(({ method, session }) => method === "PUT" || session !== null));
  }
});

Deno.test("awsRuntime() gives an instance that does not answer one second, and then goes on, degraded", async () => {
  const clock = testClock();
  const aborted: boolean[] = [];
  const fetch = (_: unknown, init?: RequestInit) =>
    new Promise<Response>((_, reject) =>
      init!.signal!.addEventListener("abort", () => {
        aborted.push(true);
        reject(init!.signal!.reason);
      })
    );
  const resolver = keysResolver({ env: {}, fetch, clock }, { imds: true });
  const pending = resolver.resolve("aws:either");
  await clock.advance(SECOND);
  const { source, degraded, trace } = await pending;
  assertEquals([source, degraded, aborted], ["memory", true, [true]]);
  assertEquals(trace[0]!.outcome, "unavailable");
  assertEquals(clock.timers, 0);
});

Deno.test("awsRuntime() refuses a mapping that asks for something, and an option of another type", async () => {
  const make = (options: object, from: unknown) =>
    createResolver(
      defineChain({
        stores: { aws: awsRuntime({ priority: 1, ...options }) },
        credentials: { "aws:keys": { fields: { access_key: required() }, from: { aws: from as true } } },
      }),
      testHost({ env: { [FULL]: "https://agent.example" } }),
    );
  assertEquals(problems(() => make({}, { role: "app" })), [
    'credentials["aws:keys"].from.aws.role: Unknown member "role": expected fields, with',
  ]);
  const { message } = await rejection(make({ imds: "yes" }, true).resolve("aws:keys"));
  assertEquals(message, 'Cannot resolve "aws:keys": "aws" is invalid: imds is not true or false');
});
