import { assert, assertEquals } from "@std/assert";
import { fromEnv } from "../../../mod.ts";
import { permissions } from "../../../src/report/mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { awsChain, awsReason, awsResolver, awsTextResolver, FAKE_KEYS } from "../../support/fixtures/aws_chain.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { AwsStandIn, failure, startAwsStandIn } from "../../support/stand_ins/aws.ts";

const LOGIN = JSON.stringify({ user: "app", password: "fake-password" });
const KEYS = ["sm:app", "ssm:app", "ps:app"] as const;

function fill({ secrets, parameters }: AwsStandIn): void {
  secrets.set("prod/app", LOGIN);
  parameters.set("/prod/app", LOGIN);
  parameters.set("/prod/app/user", "app");
  parameters.set("/prod/app/password", "fake-password");
}

/** A stand-in for every host of AWS, which notes the hosts. */
function standInNetwork() {
  const aws = new AwsStandIn();
  const hosts: string[] = [];
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    hosts.push(new URL(input as string).origin);
    return aws.handle(new Request(input, init));
  };
  return { aws, hosts, fetch };
}

Deno.test("a secret, a parameter's document and parameters are read with keys of the chain, from a stand-in that verifies signatures", async () => {
  await using server = startAwsStandIn();
  fill(server.aws);
  await using resolver = awsResolver({ endpoint: server.url });
  for (const key of KEYS) {
    const credential = await resolver.resolve(key);
    assertEquals([credential.get("user"), credential.get("password")], ["app", "fake-password"], key);
  }
  const { sent } = server.aws;
  assertEquals(sent.map(({ action, region }) => [action, region]), [
    ["secretsmanager:GetSecretValue", "eu-west-1"],
    ["ssm:GetParameter", "eu-west-1"],
    ["ssm:GetParameters", "eu-west-1"],
  ]);
  assertEquals(sent.map(({ body }) => body), [
    { SecretId: "prod/app", VersionStage: "AWSCURRENT" },
    { Name: "/prod/app", WithDecryption: true },
    { Names: ["/prod/app/user", "/prod/app/password"], WithDecryption: true },
  ]);
});

Deno.test("the version of what was read shows in the trace", async () => {
  await using server = startAwsStandIn();
  fill(server.aws);
  await using resolver = awsResolver({ endpoint: server.url });
  const versions = [];
  for (const key of KEYS) versions.push((await resolver.resolve(key)).trace.at(-1)!.version);
  assertEquals(versions, ["00000000-0000-4000-8000-000000000001", 1, 1]);
});

Deno.test("a version that is none of AWS's is not shown", async () => {
  const { aws, fetch } = standInNetwork();
  const shown = async (key: "sm:app" | "ssm:app", version: unknown) => {
    aws.answer = ({ action }) =>
      action.startsWith("ssm")
        ? [200, { Parameter: { Value: LOGIN, Version: version } }]
        : [200, { SecretString: LOGIN, VersionId: version }];
    await using resolver = awsResolver({}, { fetch });
    return (await resolver.resolve(key)).trace.at(-1)!.version;
  };
  for (const version of ["not a version", "x".repeat(65), "hunter2-hunter2", "", {}, null]) {
    assertEquals([await shown("sm:app", version), await shown("ssm:app", version)], [undefined, undefined]);
  }
});

Deno.test("keys of the environment that were refused count as soon as they are corrected", async () => {
  await using server = startAwsStandIn();
  const { aws } = server;
  fill(aws);
  const keys: Record<string, string> = { ...FAKE_KEYS, access_key: "AKIAGONE" };
  await using resolver = awsResolver({ endpoint: server.url, keys });
  for (let time = 0; time < 3; time++) await rejection(resolver.resolve("sm:app"));
  keys.access_key = "AKIAFAKE";
  assertEquals((await resolver.resolve("sm:app")).get("user"), "app");
});

Deno.test("the region chooses the host of the service, also in China and in the European sovereign cloud", async () => {
  const expected = {
    "eu-west-1": ["https://secretsmanager.eu-west-1.amazonaws.com", "https://ssm.eu-west-1.amazonaws.com"],
    "us-gov-west-1": ["https://secretsmanager.us-gov-west-1.amazonaws.com", "https://ssm.us-gov-west-1.amazonaws.com"],
    "cn-north-1": ["https://secretsmanager.cn-north-1.amazonaws.com.cn", "https://ssm.cn-north-1.amazonaws.com.cn"],
    "eusc-de-east-1": ["https://secretsmanager.eusc-de-east-1.amazonaws.eu", "https://ssm.eusc-de-east-1.amazonaws.eu"],
  };
  for (const [region, [secrets, parameters]] of Object.entries(expected)) {
    const { aws, hosts, fetch } = standInNetwork();
    fill(aws);
    await using resolver = awsResolver({ all: { region } }, { fetch });
    for (const key of KEYS) await resolver.resolve(key);
    assertEquals(hosts, [secrets, parameters, parameters], region);
    assert(aws.sent.every((each) => each.region === region));
  }
});

Deno.test("requests are signed by the clock of the host", async () => {
  const { aws, fetch } = standInNetwork();
  fill(aws);
  const host = testHost({ fetch });
  aws.now = () => host.clock.now();
  await using resolver = awsResolver({}, host);
  for (const key of KEYS) assertEquals((await resolver.resolve(key)).get("user"), "app");
});

Deno.test("what does not exist is a miss", async () => {
  await using server = startAwsStandIn();
  for (const key of KEYS) {
    const reason = await awsReason({ endpoint: server.url }, key);
    assertEquals(reason.slice(0, reason.indexOf(":")), "no store has it", key);
  }
});

Deno.test("more than ten parameters are read by tens, all at once, and those that are missing are named", async () => {
  const { aws, fetch } = standInNetwork();
  const { defineChain, createResolver, memory, optional, required } = await import("../../../mod.ts");
  const { parameterStore } = await import("../../../src/stores/aws/mod.ts");
  const names = Array.from({ length: 23 }, (_, at) => `field_${at}`);
  for (const name of names.slice(0, 22)) aws.parameters.set(`/all/${name}`, `value of ${name}`);
  const chain = defineChain({
    stores: {
      ps: parameterStore({ priority: 2, region: "eu-west-1", credentials: "aws:keys" }),
      memory: memory({ priority: 1, values: FAKE_KEYS }),
    },
    credentials: {
      "aws:keys": { fields: { access_key: required(), secret_key: required() }, from: { memory: { prefix: "" } } },
      "all:fields": {
        fields: Object.fromEntries(names.map((name) => [name, optional()])),
        from: { ps: { prefix: "/all/" } },
      },
    },
  });
  await using resolver = createResolver(chain, { fetch });
  const credential = await resolver.resolve("all:fields");
  assertEquals(credential.fields.length, 22);
  assertEquals(credential.get("field_21"), "value of field_21");
  assertEquals(aws.sent.map(({ body }) => (body.Names as string[]).length).sort(), [10, 10, 3]);
});

Deno.test("keys that have expired are resolved anew, once, and the secret is read with those", async () => {
  await using server = startAwsStandIn();
  const { aws } = server;
  fill(aws);
  const keys: Record<string, string> = { ...FAKE_KEYS, session_token: "fake-first" };
  aws.keys.set("AKIAFAKE", { secret_key: "not-a-secret", session_token: "fake-second" });
  for (const key of KEYS) {
    keys.session_token = "fake-first";
    await using resolver = awsResolver({ endpoint: server.url, keys });
    await resolver.resolve("aws:keys");
    keys.session_token = "fake-second";
    assertEquals((await resolver.resolve(key)).get("user"), "app", key);
  }
});

Deno.test("a secret is read once within its recheck, and again after that", async () => {
  const { aws, fetch } = standInNetwork();
  fill(aws);
  const host = testHost({ fetch });
  aws.now = () => host.clock.now();
  await using resolver = awsResolver({ recheck: 300_000 }, host);
  for (const key of KEYS) await resolver.resolve(key);
  await host.clock.advance(299_000);
  for (const key of KEYS) await resolver.resolve(key);
  assertEquals(aws.sent.length, 3);
  await host.clock.advance(2_000);
  for (const key of KEYS) await resolver.resolve(key);
  assertEquals(aws.sent.length, 6);
});

Deno.test("the last secret is used, degraded, while AWS throttles", async () => {
  const { aws, fetch } = standInNetwork();
  fill(aws);
  const host = testHost({ fetch });
  aws.now = () => host.clock.now();
  await using resolver = awsResolver({}, host);
  for (const key of KEYS) {
    aws.answer = undefined;
    assert(!(await resolver.resolve(key)).degraded);
    aws.answer = failure("ThrottlingException", "Rate exceeded");
    await host.clock.advance(1_000);
    const credential = await resolver.resolve(key);
    assertEquals([credential.get("user"), credential.degraded], ["app", true]);
  }
});

Deno.test("a parameter may be asked for by its version, its label or its ARN", async () => {
  const { aws, fetch } = standInNetwork();
  aws.parameters.set("/prod/app", LOGIN);
  const arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/prod/app";
  aws.parameters.set(arn, LOGIN);
  for (const parameter of ["/prod/app:3", "/prod/app:live", arn]) {
    await using resolver = awsResolver({ parameter }, { fetch });
    assertEquals((await resolver.resolve("ssm:app")).get("user"), "app");
  }
});

Deno.test("temporary keys without their session_token sign nothing, until they are corrected", async () => {
  const { aws, fetch } = standInNetwork();
  fill(aws);
  aws.keys.set("ASIAFAKE", { secret_key: "not-a-secret", session_token: "fake-session" });
  const keys: Record<string, string> = { access_key: "ASIAFAKE", secret_key: "not-a-secret" };
  await using resolver = awsResolver({ keys }, { fetch });
  assertEquals((await rejection(resolver.resolve("sm:app"))).code, "denied");
  assertEquals(aws.sent, []);
  keys.session_token = "fake-session";
  resolver.invalidate("aws:keys");
  assertEquals((await resolver.resolve("sm:app")).get("user"), "app");
});

Deno.test("a document with a byte order mark is read, as a file is, and a text keeps it", async () => {
  const { aws, fetch } = standInNetwork();
  for (const all of [aws.secrets, aws.parameters]) {
    for (const name of ["prod/app", "/prod/app", "/prod/token"]) all.set(name, `\uFEFF${LOGIN}`);
  }
  await using resolver = awsResolver({}, { fetch });
  for (const key of ["sm:app", "ssm:app"] as const) assertEquals((await resolver.resolve(key)).get("user"), "app");
  await using texts = awsTextResolver({ secret: "prod/app", parameter: "/prod/token" }, { fetch });
  for (const key of ["sm:token", "ssm:token"] as const) {
    assertEquals((await texts.resolve(key)).get("token"), `\uFEFF${LOGIN}`);
  }
});

Deno.test("a parameter is found although an emulator writes out that it has no selector", async () => {
  const { aws, fetch } = standInNetwork();
  aws.answer = [200, {
    Parameters: ["user", "password"].map((name) => ({ Name: `/prod/app/${name}`, Selector: null, Value: name })),
  }];
  await using resolver = awsResolver({}, { fetch });
  assertEquals((await resolver.resolve("ps:app")).get("password"), "password");
});

Deno.test("a plain text is given as it is, and a binary secret as base64 where the chain says so", async () => {
  const { aws, fetch } = standInNetwork();
  const text = ' {"not": parsed}\n';
  aws.secrets.set("prod/token", text);
  aws.parameters.set("/prod/token", text);
  const read = async (binary?: "base64") => {
    await using resolver = awsTextResolver({ secret: "prod/token", parameter: "/prod/token", binary }, { fetch });
    const [secret, parameter] = [await resolver.resolve("sm:token"), await resolver.resolve("ssm:token")];
    return [secret.get("token"), parameter.get("token")];
  };
  assertEquals(await read(), [text, text]);
  aws.answer = ({ action }) =>
    action.startsWith("ssm")
      ? [200, { Parameter: { Value: "x", Version: 1 } }]
      : [200, { SecretBinary: "bm90LWEtc2VjcmV0", VersionId: "1" }];
  assertEquals((await read("base64"))[0], "bm90LWEtc2VjcmV0");
});

Deno.test("the permissions of a chain name the hosts of the region, and of an endpoint instead of them", () => {
  const netOf = (all: object) => permissions(awsChain({ all }), { env: {} }).net;
  assertEquals(netOf({}), ["secretsmanager.eu-west-1.amazonaws.com", "ssm.eu-west-1.amazonaws.com"]);
  assertEquals(netOf({ region: fromEnv("NOT_SET", "cn-north-1") }), [
    "secretsmanager.cn-north-1.amazonaws.com.cn",
    "ssm.cn-north-1.amazonaws.com.cn",
  ]);
  assertEquals(netOf({ endpoint: "https://vpce.example:8443/" }), ["vpce.example:8443"]);
});
