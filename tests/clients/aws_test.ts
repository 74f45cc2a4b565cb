import { assertEquals, assertStrictEquals } from "@std/assert";
import { ListBucketsCommand, S3Client, type S3ClientConfig } from "npm:@aws-sdk/client-s3@^3.1173.0";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import { createResolver, defineChain, memory, optional, required, setting, token } from "../../mod.ts";
import { aws4fetch, awsCredentials } from "../../src/clients/aws.ts";
import { scriptedStore, testClock } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { listening } from "../support/stand_ins/listening.ts";

const keys = { access_key: required(), secret_key: required() };

/** Creates a resolver of temporary keys that are new at each request, and of static keys that a test can rotate. */
function keysResolver() {
  const clock = testClock();
  const sts = scriptedStore({ shape: token });
  sts.answer = () => {
    const count = sts.asked.length;
    const values = {
      access_key: `temporary${count}`,
      secret_key: "fake-secret",
      session_token: `fake-session-${count}`,
    };
    return { values, expiresIn: 3600 };
  };
  const values: Record<string, string> = { access_key: "static1", secret_key: "fake-secret", region: "eu-central-1" };
  const chain = defineChain({
    stores: { sts: sts.store({ priority: 200 }), memory: memory({ priority: 100, values, recheck: 0 }) },
    credentials: {
      "s3:temporary": { fields: { ...keys, session_token: required() }, from: { sts: true } },
      "s3:static": { fields: { ...keys, region: setting() }, from: { memory: { prefix: "" } } },
      "s3:either": { fields: { ...keys, session_token: optional() }, from: { memory: { prefix: "" } } },
      "s3:none": { fields: keys, from: { memory: { prefix: "none_" } } },
    },
  });
  return { clock, sts, values, resolver: createResolver(chain, { clock }) };
}

/** Starts a stand-in for S3 that records the access key and the session token of each request. */
function s3Recorder() {
  const signed: string[] = [];
  const server = listening(({ headers }) => {
    const id = /Credential=([^/]+)/.exec(headers.get("authorization") ?? "")?.[1];
    signed.push([id, headers.get("x-amz-security-token") ?? "none"].join(" "));
    return new Response("<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>");
  });
  return { ...server, signed };
}

Deno.test("awsCredentials() gives the AWS SDK keys, a session and an expiry", async () => {
  const { clock, resolver } = keysResolver();
  assertEquals(await awsCredentials(resolver, "s3:temporary")(), {
    accessKeyId: "temporary1",
    secretAccessKey: "fake-secret",
    sessionToken: "fake-session-1",
    expiration: new Date(clock.now() + 3_600_000),
  });
});

Deno.test("awsCredentials() and aws4fetch() reject temporary keys that lack their session_token, which AWS always refuses", async () => {
  const { resolver, values } = keysResolver();
  values.access_key = "ASIAFAKE";
  const message =
    'Cannot resolve "s3:either": "memory" gave no value for the field session_token, which a temporary access_key needs';
  const sdk = await rejection(awsCredentials(resolver, "s3:either")());
  const s3 = await rejection(aws4fetch(resolver, "s3:either", () => "never")());
  for (const error of [sdk, s3]) assertEquals([error.code, error.message], ["incomplete", message]);
  values.session_token = "fake-session";
  assertEquals((await awsCredentials(resolver, "s3:either")()).sessionToken, "fake-session");
});

Deno.test("awsCredentials() omits what a credential does not have", async () => {
  const { resolver } = keysResolver();
  const expected = { accessKeyId: "static1", secretAccessKey: "fake-secret" };
  assertEquals(await awsCredentials(resolver, "s3:static")(), expected);
  assertEquals(await awsCredentials(resolver, "s3:either")(), expected);
});

Deno.test("awsCredentials() gets a new session if the SDK asks with forceRefresh", async () => {
  const { resolver, sts } = keysResolver();
  const provider = awsCredentials(resolver, "s3:temporary");
  assertEquals((await provider({ forceRefresh: true })).accessKeyId, "temporary1");
  assertEquals((await provider()).accessKeyId, "temporary1");
  assertEquals((await provider({ forceRefresh: true })).accessKeyId, "temporary2");
  assertEquals(sts.asked.length, 2);
});

Deno.test("awsCredentials() uses the caller's default if no store has keys, and otherwise reports the missing names", async () => {
  const { resolver } = keysResolver();
  const options = { default: { access_key: "default1", secret_key: "fake-secret" } };
  assertEquals((await awsCredentials(resolver, "s3:none", options)()).accessKeyId, "default1");
  const error = await rejection(awsCredentials(resolver, "s3:none")());
  assertEquals([error.code, error.missing], ["not_found", ["none_access_key", "none_secret_key"]]);
});

Deno.test("the AWS SDK signs each request with the current keys", async () => {
  const { resolver, values, sts } = keysResolver();
  await using service = s3Recorder();
  const list = async (credentials: NonNullable<S3ClientConfig["credentials"]>, between: () => void) => {
    const client = new S3Client({ endpoint: service.url, region: "us-east-1", credentials });
    await client.send(new ListBucketsCommand());
    between();
    await client.send(new ListBucketsCommand());
    client.destroy();
  };
  await list(awsCredentials(resolver, "s3:static"), () => values.access_key = "static2");
  await list(awsCredentials(resolver, "s3:temporary"), () => resolver.invalidate("s3:temporary"));
  assertEquals(service.signed, [
    "static1 none",
    "static2 none",
    "temporary1 fake-session-1",
    "temporary2 fake-session-2",
  ]);
  assertEquals(sts.asked.length, 2);
});

Deno.test("aws4fetch() keeps its client until the keys change", async () => {
  const { resolver, values } = keysResolver();
  await using service = s3Recorder();
  const s3 = aws4fetch(resolver, "s3:static", (keys, credential) => {
    const region = credential.get("region") ?? "us-east-1";
    return new AwsClient({ ...keys, region, service: "s3" });
  });
  const first = await s3();
  assertStrictEquals(await s3(), first);
  await (await first.fetch(service.url)).text();
  values.access_key = "static2";
  const second = await s3();
  await (await second.fetch(service.url)).text();
  assertEquals([first.region, service.signed], ["eu-central-1", ["static1 none", "static2 none"]]);
});

Deno.test("aws4fetch() signs with the session token of temporary keys", async () => {
  const { resolver } = keysResolver();
  await using service = s3Recorder();
  const s3 = aws4fetch(resolver, "s3:temporary", (keys) => new AwsClient({ ...keys, service: "s3" }));
  await (await (await s3()).fetch(service.url)).text();
  assertEquals(service.signed, ["temporary1 fake-session-1"]);
});
