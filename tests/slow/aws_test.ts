import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createResolver, defineChain, memory, required } from "../../mod.ts";
import { parameterStore } from "../../src/stores/aws/mod.ts";
import { sts } from "../../src/stores/sts/sts.ts";
import { awsReason, awsResolver, awsTextResolver } from "../support/fixtures/aws_chain.ts";
import { MOTO_REGION, startMoto } from "../support/servers/moto.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { bundleProgram } from "../support/tokens/bundle_program.ts";
import { startWorker } from "../support/tokens/worker_process.ts";

const LOGIN = { user: "app", password: "fake-password" };
const READ = ["secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters"];

async function startFilledMoto() {
  const moto = await startMoto();
  await moto.putSecret("prod/app", JSON.stringify(LOGIN));
  await moto.putParameter("/prod/app", JSON.stringify(LOGIN));
  for (const [name, value] of Object.entries(LOGIN)) await moto.putParameter(`/prod/app/${name}`, value);
  const keys = await moto.createUser("reader", READ);
  const parts = (more: object = {}) => ({ endpoint: moto.url, keys: { ...keys }, ...more });
  return { moto, keys, parts };
}

serverTest(
  "secrets and parameters are read from moto, which checks signatures and permissions",
  ["moto"],
  async (t) => {
    const { moto, keys, parts } = await startFilledMoto();
    await using _ = moto;

    await t.step("documents and variables, with their versions", async () => {
      await using resolver = awsResolver(parts());
      const versions = [];
      for (const key of ["sm:app", "ssm:app", "ps:app"] as const) {
        const credential = await resolver.resolve(key);
        assertEquals([credential.get("user"), credential.get("password")], ["app", "fake-password"], key);
        versions.push(credential.trace.at(-1)!.version);
      }
      assertMatch(String(versions[0]), /^[\da-f-]{36}$/);
      assertEquals(versions.slice(1), [1, 1]);
    });

    await t.step("a new version after the recheck, and the one before by its stage", async () => {
      await moto.putSecret("staged", JSON.stringify({ ...LOGIN, user: "first" }));
      await using resolver = awsResolver(parts({ secret: "staged", recheck: 0 }));
      assertEquals((await resolver.resolve("sm:app")).get("user"), "first");
      await moto.putSecret("staged", JSON.stringify({ ...LOGIN, user: "second" }));
      assertEquals((await resolver.resolve("sm:app")).get("user"), "second");
      await using before = awsResolver(parts({ secret: "staged", secrets: { stage: "AWSPREVIOUS" } }));
      assertEquals((await before.resolve("sm:app")).get("user"), "first");
      assertMatch(
        await awsReason(parts({ secret: "staged", secrets: { stage: "OTHER" } }), "sm:app"),
        /^no store has it/,
      );
    });

    await t.step("a version of a parameter, by its number and by its label", async () => {
      await moto.putParameter("/versions", JSON.stringify({ ...LOGIN, user: "first" }));
      await moto.call("AmazonSSM.LabelParameterVersion", { Name: "/versions", Labels: ["stable"] });
      await moto.putParameter("/versions", JSON.stringify({ ...LOGIN, user: "second" }));
      for (
        const [parameter, user] of [["/versions", "second"], ["/versions:1", "first"], ["/versions:stable", "first"]]
      ) {
        await using resolver = awsResolver(parts({ parameter }));
        assertEquals((await resolver.resolve("ssm:app")).get("user"), user, parameter);
      }
      assertMatch(await awsReason(parts({ parameter: "/versions:9" }), "ssm:app"), /^no store has it/);
    });

    await t.step("a secret by its ARN, plain texts, and a binary secret", async () => {
      const { ARN } = await moto.call("secretsmanager.DescribeSecret", { SecretId: "prod/app" });
      await using byArn = awsResolver(parts({ secret: String(ARN) }));
      assertEquals((await byArn.resolve("sm:app")).get("user"), "app");
      const text = "not JSON, and\nof two lines: { ";
      await moto.putSecret("text", text);
      await moto.putParameter("/text", text);
      await using texts = awsTextResolver({
        secret: "text",
        parameter: "/text",
        endpoint: moto.url,
        keys: { ...keys },
      });
      assertEquals((await texts.resolve("sm:token")).get("token"), text);
      assertEquals((await texts.resolve("ssm:token")).get("token"), text);
      const bytes = btoa("\0\x01\xff");
      await moto.call("secretsmanager.CreateSecret", { Name: "binary", SecretBinary: bytes });
      const given = {
        secret: "binary",
        parameter: "/text",
        endpoint: moto.url,
        keys: { ...keys },
        binary: "base64",
      } as const;
      await using binary = awsTextResolver(given);
      assertEquals((await binary.resolve("sm:token")).get("token"), bytes);
    });

    await t.step("what is missing is a miss, and what is marked for deletion is not", async () => {
      assertMatch(await awsReason(parts({ secret: "none" }), "sm:app"), /^no store has it/);
      assertMatch(await awsReason(parts({ parameter: "/none" }), "ssm:app"), /^no store has it/);
      assertMatch(await awsReason(parts({ prefix: "/none/" }), "ps:app"), /^no store has it/);
      await moto.putSecret("doomed", JSON.stringify(LOGIN));
      await moto.deleteSecret("doomed");
      assertEquals(
        await awsReason(parts({ secret: "doomed" }), "sm:app"),
        '"sm" is invalid: doomed is marked for deletion: restore it, or remove it from the chain',
      );
      await moto.deleteSecret("doomed", "force");
      assertMatch(await awsReason(parts({ secret: "doomed" }), "sm:app"), /^no store has it/);
    });

    await t.step("wrong keys and a missing permission are denied", async () => {
      const stranger = await moto.createUser("stranger", ["iam:GetUser"]);
      const actions = [
        ["sm:app", READ[0], "prod/app"],
        ["ssm:app", READ[1], "/prod/app"],
        ["ps:app", READ[2], "/prod/app/user, /prod/app/password"],
      ] as const;
      for (const [key, action, what] of actions) {
        const reasonWith = async (some: object) => {
          const reason = await awsReason(parts({ keys: { ...keys, ...some } }), key);
          return reason.replace(/^"\w+" is denied: "aws:keys" from "memory" /, "");
        };
        assertEquals(await reasonWith(stranger), `is not allowed ${action} on ${what}`);
        const wrong = await reasonWith({ secret_key: "not-a-secret" });
        assertEquals(wrong, "was refused (HTTP 400, InvalidSignatureException)");
        const unknown = await reasonWith({ access_key: "AKIANONE" });
        assertEquals(unknown, "was refused (HTTP 400, UnrecognizedClientException)");
      }
    });
  },
);

serverTest(
  "keys that are deleted at moto are resolved anew, and the secret is read with the next ones",
  ["moto"],
  async () => {
    const { moto, keys, parts } = await startFilledMoto();
    await using _ = moto;
    const own = { ...keys };
    await using resolver = awsResolver(parts({ keys: own, recheck: 0 }));
    for (const key of ["sm:app", "ssm:app", "ps:app"] as const) {
      await resolver.resolve(key);
      const { access_key: AccessKeyId } = own;
      await moto.query("iam", { Action: "DeleteAccessKey", UserName: "reader", AccessKeyId });
      Object.assign(own, await moto.createKey("reader"));
      const credential = await resolver.resolve(key);
      assertEquals([credential.get("user"), credential.degraded], ["app", false], key);
    }
  },
);

serverTest("parameters are read with the keys that an STS gives for a web identity, and again with other ones", [
  "moto",
], async () => {
  const { moto } = await startFilledMoto();
  await using _ = moto;
  const trust = { Effect: "Allow", Action: "sts:AssumeRoleWithWebIdentity", Principal: { Federated: "*" } };
  const policy = (Statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [Statement] });
  const role = { RoleName: "reader" };
  await moto.query("iam", { Action: "CreateRole", ...role, AssumeRolePolicyDocument: policy(trust) });
  await moto.query("iam", {
    Action: "PutRolePolicy",
    ...role,
    PolicyName: "read",
    PolicyDocument: policy({ Effect: "Allow", Action: READ, Resource: "*" }),
  });
  const chain = defineChain({
    stores: {
      sts: sts({
        priority: 3,
        endpoint: moto.url,
        webIdentity: "aws:identity",
        role: "arn:aws:iam::123456789012:role/reader",
        duration: 900_000,
      }),
      ps: parameterStore({ priority: 2, region: MOTO_REGION, endpoint: moto.url, credentials: "aws:keys", recheck: 0 }),
      memory: memory({ priority: 1, values: { token: "not-a-token" } }),
    },
    credentials: {
      "aws:identity": { fields: { token: required() }, from: { memory: { prefix: "" } } },
      "aws:keys": {
        fields: { access_key: required(), secret_key: required(), session_token: required() },
        from: { sts: true },
      },
      "app:login": { fields: { user: required(), password: required() }, from: { ps: { prefix: "/prod/app/" } } },
    },
  });
  await using resolver = createResolver(chain);
  assertEquals((await resolver.resolve("app:login")).get("user"), "app");
  const first = await resolver.resolve("aws:keys");
  resolver.invalidate(first);
  await moto.putParameter("/prod/app/user", "other");
  assertEquals((await resolver.resolve("app:login")).get("user"), "other");
  const second = await resolver.resolve("aws:keys");
  assertNotEquals(second.get("access_key"), first.get("access_key"));
});

serverTest("on workerd the requests of a Worker read secrets and parameters of moto", ["moto"], async () => {
  const { moto, keys } = await startFilledMoto();
  await using _ = moto;
  using program = await bundleProgram("aws_worker");
  const workerd = `${program.modules}/.bin/workerd`;
  await Promise.all(["2024-06-01", "2026-04-01"].map(async (compatibilityDate) => {
    const bindings = { ENDPOINT: moto.url, ...keys };
    await using worker = await startWorker({ bundle: program.path, workerd, compatibilityDate, bindings });
    for (const answer of await Promise.all(Array.from({ length: 5 }, () => fetch(worker.url)))) {
      const text = await answer.text();
      assertEquals([answer.status, text], [200, '["app","app","app"]']);
    }
  }));
});
