import { createResolver, defineChain, memory, required } from "../../../../mod.ts";
import { awsRuntime } from "../../../../src/stores/aws/mod.ts";
import { githubActions, tokenFile } from "../../../../src/stores/identity/mod.ts";
import { testHost } from "../../../../src/testing/mod.ts";
import { fakeJwt } from "../../fixtures/fake_jwt.ts";
import { expectEqual } from "../expect.ts";
import { show } from "../subject.ts";
import type { Checks } from "../table.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A host on which stand-ins answer for a runner, a container's agent and an instance, each with what lasts an hour. */
function makeHost(env: Record<string, string>, files: Record<string, string> | false = {}) {
  const asked: string[] = [];
  const host = testHost({
    env,
    files,
    fetch: (input, init) => {
      const { host: name, pathname } = new URL(String(input));
      asked.push(`${init?.method ?? "GET"} ${name}${pathname}`);
      return Promise.resolve(answerOf(name, pathname, asked.length, host.clock.now() + HOUR));
    },
  });
  return { host, asked };
}

function answerOf(host: string, path: string, number: number, end: number): Response {
  if (path === "/latest/api/token") return new Response("fake-session");
  if (path.endsWith("/security-credentials/")) return new Response("app");
  if (host === "runner.example") return Response.json({ value: fakeJwt({ exp: end / SECOND, jti: `${number}` }) });
  const keys = { AccessKeyId: `access-${number}`, SecretAccessKey: "not-a-secret", Token: "not-a-secret" };
  return Response.json({ Code: "Success", ...keys, Expiration: new Date(end).toISOString() });
}

function resolverOf(host: ReturnType<typeof testHost>, imds?: true) {
  const chain = defineChain({
    stores: {
      aws: awsRuntime({ priority: 4, ...imds && { imds } }),
      job: githubActions({ priority: 3 }),
      pod: tokenFile({ priority: 2, path: "/run/token" }),
      memory: memory({ priority: 1, values: { access_key: "static", token: "static" } }),
    },
    credentials: {
      "aws:keys": { fields: { access_key: required() }, from: { aws: true, memory: { prefix: "" } } },
      "job:token": { fields: { token: required() }, from: { job: true, memory: { prefix: "" } } },
      "pod:token": { fields: { token: required() }, from: { pod: { prefix: "" }, memory: { prefix: "" } } },
    },
  });
  return createResolver(chain, host);
}

/** Stores of what a machine has by itself. */
export const machineIdentityChecks: Checks = {
  "on a machine without an identity of its own, the stores of one are off, ask nothing, and the next one is asked":
    async () => {
      const { host, asked } = makeHost({}, false);
      const resolver = resolverOf(host);
      expectEqual(show(await resolver.resolve("aws:keys")), "memory: aws off, memory hit");
      expectEqual(show(await resolver.resolve("job:token")), "memory: job off, memory hit");
      expectEqual(show(await resolver.resolve("pod:token")), "memory: pod off, memory hit");
      expectEqual(asked, []);
    },

  "a container and an instance give keys, and a runner a token, which are renewed before they end": async () => {
    const container = makeHost({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/keys" });
    const instance = makeHost({});
    const job = makeHost({
      GITHUB_ACTIONS: "true",
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://runner.example/token",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "not-a-secret",
    });
    const roles = "169.254.169.254/latest/meta-data/iam/security-credentials/";
    for (
      const [{ host, asked }, key, requests] of [
        [container, "aws:keys", ["GET 169.254.170.2/keys"]],
        [instance, "aws:keys", ["PUT 169.254.169.254/latest/api/token", `GET ${roles}`, `GET ${roles}app`]],
        [job, "job:token", ["GET runner.example/token"]],
      ] as const
    ) {
      const resolver = resolverOf(host, true);
      const first = await resolver.resolve(key);
      expectEqual(asked, [...requests]);
      await host.clock.advance(50 * MINUTE);
      const second = await resolver.resolve(key);
      expectEqual([asked.length, second === first, second.expiresAt], [
        2 * requests.length,
        false,
        host.clock.now() + HOUR,
      ]);
    }
  },

  "a token in a file counts until its own end, and another one in its place at once": async () => {
    const { host } = makeHost({});
    const tokenFor = (ms: number) => fakeJwt({ exp: (host.clock.now() + ms) / SECOND });
    host.disk["/run/token"] = tokenFor(MINUTE);
    const resolver = resolverOf(host);
    expectEqual((await resolver.resolve("pod:token")).expiresAt, host.clock.now() + MINUTE);
    await host.clock.advance(MINUTE);
    const pending = resolver.resolve("pod:token").catch(({ code }) => code);
    await host.clock.advance(SECOND);
    expectEqual(await pending, "invalid");
    const next = host.disk["/run/token"] = tokenFor(HOUR);
    expectEqual((await resolver.resolve("pod:token")).get("token"), next);
  },
};
