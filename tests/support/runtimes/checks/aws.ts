import { awsResolver, awsTextResolver } from "../../fixtures/aws_chain.ts";
import { testHost } from "../../../../src/testing/mod.ts";
import { type FixedAnswer, responseOf } from "../../stand_ins/vault.ts";
import { expectEqual } from "../expect.ts";
import type { Checks } from "../table.ts";

const LOGIN = JSON.stringify({ user: "app", password: "not-a-secret" });

/** A stand-in for AWS without a network, which cannot verify a signature on every runtime, and notes what was signed. */
function standIn() {
  const sent: string[] = [];
  let keyId = "";
  const answers: Readonly<Record<string, () => FixedAnswer>> = {
    "secretsmanager.GetSecretValue": () => [200, { VersionId: "1", SecretString: LOGIN }],
    "AmazonSSM.GetParameter": () => [200, { Parameter: { Version: 1, Value: LOGIN } }],
    "AmazonSSM.GetParameters": () => [200, {
      Parameters: Object.entries(JSON.parse(LOGIN)).map(([name, Value]) => ({ Name: `/prod/app/${name}`, Value })),
      InvalidParameters: [],
    }],
  };
  const fetch = (input: RequestInfo | URL, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    const target = headers.get("x-amz-target")!;
    const authorization = headers.get("authorization") ?? "";
    keyId = /Credential=(\w+)/.exec(authorization)?.[1] ?? "";
    sent.push(`${new URL(String(input)).host} ${target} ${authorization.replace(/Signature=\w{64}$/, "Signature=…")}`);
    if (keyId === "AKIAEXPIRED") return Promise.resolve(responseOf([400, { __type: "ExpiredTokenException" }]));
    return Promise.resolve(responseOf(answers[target]!()));
  };
  return { sent, fetch: fetch as typeof globalThis.fetch };
}

/** What is signed at the beginning of the clock of tests. */
function signed(service: string, day: string, target: string): string {
  const scope = `AKIAFAKE/${day}/eu-west-1/${service}/aws4_request`;
  const headers = "content-type;host;x-amz-date;x-amz-target";
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${headers}, Signature=…`;
  return `${service}.eu-west-1.amazonaws.com ${target} ${authorization}`;
}

/** Stores of AWS. */
export const awsChecks: Checks = {
  "secrets and parameters of AWS are read by requests that are signed with keys of the chain": async () => {
    const { sent, fetch } = standIn();
    const host = testHost({ fetch });
    const resolver = awsResolver({}, host);
    for (const key of ["sm:app", "ssm:app", "ps:app"] as const) {
      const credential = await resolver.resolve(key);
      expectEqual([credential.get("user"), credential.get("password")], ["app", "not-a-secret"]);
    }
    const day = new Date(host.clock.now()).toISOString().slice(0, 10).replaceAll("-", "");
    expectEqual(sent, [
      signed("secretsmanager", day, "secretsmanager.GetSecretValue"),
      signed("ssm", day, "AmazonSSM.GetParameter"),
      signed("ssm", day, "AmazonSSM.GetParameters"),
    ]);
  },

  "a plain text of AWS is given as it is": async () => {
    const resolver = awsTextResolver({ secret: "text", parameter: "/text" }, testHost(standIn()));
    expectEqual((await resolver.resolve("sm:token")).get("token"), LOGIN);
    expectEqual((await resolver.resolve("ssm:token")).get("token"), LOGIN);
  },

  "keys of AWS that have expired are resolved anew": async () => {
    const keys: Record<string, string> = { access_key: "AKIAEXPIRED", secret_key: "not-a-secret" };
    const { sent, fetch } = standIn();
    const resolver = awsResolver({ keys }, testHost({ fetch }));
    await resolver.resolve("aws:keys");
    keys.access_key = "AKIAFAKE";
    expectEqual((await resolver.resolve("sm:app")).get("user"), "app");
    expectEqual(sent.length, 2);
  },
};
