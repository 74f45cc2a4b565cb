import { assertEquals } from "@std/assert";
import { createResolver, defineChain, env, fromEnv, required } from "../../../mod.ts";
import { permissions } from "../../../src/report/mod.ts";
import { redis } from "../../../src/share/mod.ts";
import { awsRuntime } from "../../../src/stores/aws/mod.ts";
import { githubActions, tokenFile } from "../../../src/stores/identity/mod.ts";
import { sts } from "../../../src/stores/sts/sts.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { problems } from "../../support/fixtures/rejection.ts";

/** Creates a chain of all stores of what a machine has by itself. */
function chainOf(path: string | URL | ReturnType<typeof fromEnv>, imds?: true) {
  return defineChain({
    stores: {
      aws: awsRuntime({ priority: 3, ...imds && { imds } }),
      job: githubActions({ priority: 2 }),
      pod: tokenFile({ priority: 1, path: path as string }),
    },
    credentials: {
      "aws:keys": { fields: { access_key: required() }, from: { aws: true } },
      "app:identity": { fields: { token: required() }, from: { job: true, pod: { prefix: "" } } },
    },
  });
}

Deno.test("permissions() of stores of machines name the addresses of the platforms, and the directory of a token", () => {
  const { read, net, env } = permissions(chainOf("/run/tokens/vault"), testHost());
  assertEquals(read, ["/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token", "/run/tokens"]);
  const agents = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
  assertEquals(net, [...agents, "*.actions.githubusercontent.com"]);
  assertEquals(env.length, 7);
  const instance = permissions(chainOf("token", true), testHost());
  assertEquals(instance.read.at(-1), ".");
  assertEquals(instance.net.slice(0, 5), [...agents, "169.254.169.254", "[fd00:ec2::254]"]);
  assertEquals(instance.env.filter((name) => name.startsWith("AWS_EC2_")), [
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
  ]);
  assertEquals(permissions(chainOf(new URL("file:///run/a%20token")), testHost()).read.at(-1), "/run");
});

Deno.test("permissions() of a token whose path is in a variable has the variable, and not its value", () => {
  const host = testHost({ env: { TOKEN_FILE: "/run/hunter2/token" } });
  const report = permissions(chainOf(fromEnv("TOKEN_FILE")), host);
  assertEquals([report.read.at(-1), JSON.stringify(report).includes("hunter2")], ["$TOKEN_FILE/..", false]);
  assertEquals(report.flags.includes(',"$TOKEN_FILE"/.. '), true, report.flags);
});

Deno.test("describe() shows the path of a token and whether instances are asked, and asks nothing", () => {
  const resolver = createResolver(chainOf(fromEnv("TOKEN_FILE"), true), testHost());
  assertEquals(resolver.describe().stores.map(({ options }) => options), [
    { imds: "true" },
    undefined,
    { path: "$TOKEN_FILE" },
  ]);
});

Deno.test("keys that are obtained with the token of one machine are not shared, unless it is said whose they are", () => {
  const make = (principal?: string) =>
    createResolver(defineChain({
      stores: {
        sts: sts({
          priority: 3,
          endpoint: "https://sts.example",
          webIdentity: "app:identity",
          share: redis({
            credential: "fleet:redis",
            seal: "fleet:seal",
            connect: () => Promise.reject(new Error("not reached")),
            ...principal && { principal },
          }),
        }),
        job: githubActions({ priority: 2 }),
        env: env({ priority: 1 }),
      },
      credentials: {
        "app:identity": { fields: { token: required() }, from: { job: true } },
        "s3:keys": { fields: { access_key: required() }, from: { sts: true } },
        "fleet:redis": { fields: { url: required() }, from: { env: { prefix: "REDIS_" } } },
        "fleet:seal": { fields: { key: required() }, from: { env: { prefix: "SEAL_" } } },
      },
    }));
  assertEquals(problems(() => make()).length, 1);
  make("octo/app");
});
