import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { createResolver, type Credential, defineChain, memory, required } from "../../mod.ts";
import chain from "../../chain.config.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import { sts, type StsOptions } from "../../src/stores/sts/sts.ts";
import { root } from "../support/closed_network/root.ts";
import { startCeph } from "../support/servers/ceph.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { bundleProgram } from "../support/tokens/bundle_program.ts";
import type { Outcome, Settings } from "../support/tokens/programs/end_to_end.ts";
import { startWorker } from "../support/tokens/worker_process.ts";

/** The lifetime of a temporary credential, in milliseconds. */
const DURATION_MS = 3_000;

serverTest(
  "a token is exchanged for a temporary credential that S3 accepts until it expires, and again once it is renewed",
  ["ceph"],
  async (t) => {
    await using oidc = await startOidcProvider();
    await using ceph = await startCeph({ oidc });
    using system = await bundleProgram("system");
    using worker = await bundleProgram("worker");
    const { clientId, clientSecret } = oidc.clients.basic;
    const settings: Settings = {
      tokenEndpoint: oidc.tokenEndpoint,
      clientId,
      clientSecret,
      stsEndpoint: ceph.stsEndpoint,
      role: ceph.roleArn,
      object: `${ceph.endpoint}/${ceph.bucket}/object`,
      region: ceph.region,
      duration: DURATION_MS,
    };
    const run = async (command: string, ...args: string[]): Promise<Outcome> => {
      const { success, stdout, stderr } = await new Deno.Command(command, {
        args: [...args, JSON.stringify(settings)],
        cwd: root,
        env: { NODE_PATH: system.modules },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      assert(success, decoder.decode(stderr));
      return JSON.parse(decoder.decode(stdout));
    };
    const onWorkerd = (compatibilityDate: string) => async (): Promise<Outcome> => {
      const workerd = `${worker.modules}/.bin/workerd`;
      await using process = await startWorker({ bundle: worker.path, workerd, compatibilityDate });
      const answer = await fetch(`${process.url}/end-to-end`, { method: "POST", body: JSON.stringify(settings) });
      const text = await answer.text();
      assertEquals(answer.status, 200, text);
      return JSON.parse(text);
    };
    const { modules, path, source } = system;
    const runtimes: Record<string, () => Promise<Outcome>> = {
      Deno: () => run(Deno.execPath(), "run", "--allow-all", "--no-check", "--no-lock", source),
      Bun: () => run(`${modules}/.bin/bun`, "run", "--no-install", path),
      "Node 20": () => run(`${modules}/node-20/bin/node`, path),
      "Node 26": () => run(`${modules}/node-26/bin/node`, path),
      "workerd with an old compatibility date": onWorkerd("2024-06-01"),
      "workerd with a current compatibility date": onWorkerd("2026-04-01"),
    };
    for (const [name, start] of Object.entries(runtimes)) {
      await t.step(name, async () => {
        const { tolerated, ...outcome } = await start();
        assertEquals(outcome, {
          put: 200,
          get: [200, "written"],
          refused: 403,
          renewed: true,
          getAgain: [200, "written"],
          trace: ["sts hit"],
          traceAgain: ["sts hit"],
        });
        assertLessOrEqual(tolerated, 3_000);
      });
    }
  },
);

serverTest("sts() distinguishes denied from invalid at a real service", ["ceph"], async (t) => {
  await using oidc = await startOidcProvider();
  await using ceph = await startCeph({ oidc });
  const resolve = async (options: Partial<StsOptions>, resource = "urn:alphaswarm:minio", forge = false) => {
    const { clientId, clientSecret } = oidc.clients.basic;
    const chain = defineChain({
      stores: {
        m2m: oauth2({ priority: 3, tokenEndpoint: oidc.tokenEndpoint, client: "m2m:client", resource }),
        sts: sts({
          priority: 2,
          endpoint: ceph.stsEndpoint,
          webIdentity: "minio:identity",
          role: ceph.roleArn,
          ...options,
        }),
        memory: memory({
          priority: 1,
          values: { client_id: clientId, client_secret: clientSecret, ...forge ? { token: "fake.fake.fake" } : {} },
        }),
      },
      credentials: {
        "m2m:client": {
          fields: { client_id: required(), client_secret: required() },
          from: { memory: { prefix: "" } },
        },
        "minio:identity": {
          fields: { token: required() },
          from: forge ? { memory: { prefix: "" } } : { m2m: { fields: { token: "access_token" } } },
        },
        "minio:sts": {
          fields: { access_key: required(), secret_key: required(), session_token: required() },
          from: { sts: true },
        },
      },
    });
    return await createResolver(chain).resolve("minio:sts").then(() => "hit", (error) => error.code);
  };
  const cases: Record<string, [expected: string, ...Parameters<typeof resolve>]> = {
    "a valid token": ["hit", {}],
    "a restrictive policy": ["hit", {
      policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}',
    }],
    "a token for another resource": ["denied", {}, "urn:alphaswarm:trino"],
    "a forged token": ["denied", {}, undefined, true],
    "an unknown role": ["denied", { role: "arn:aws:iam:::role/unknown" }],
    "a session name of one character": ["invalid", { sessionName: "x" }],
    "a duration beyond the role's": ["invalid", { duration: 999_999_000 }],
  };
  for (const [name, [expected, ...args]] of Object.entries(cases)) {
    await t.step(name, async () => assertEquals(await resolve(...args), expected));
  }
});

Deno.test("a thousand resolves a second never fail during ten lifetimes, and cause few requests", async () => {
  const [lifetime, lifetimes, perSecond] = [3_000, 10, 1_000];
  await using oidc = await startOidcProvider({ lifetimes: { "urn:alphaswarm:polaris": lifetime / 1_000 } });
  const { clientId, clientSecret } = oidc.clients.basic;
  const resolver = createResolver(chain, {
    env: {
      ALPHASWARM_AUTH_M2M_ENABLED: "1",
      ALPHASWARM_AUTH_M2M_TOKEN_URL: oidc.tokenEndpoint,
      ALPHASWARM_AUTH_M2M_CLIENT_ID: clientId,
      ALPHASWARM_AUTH_M2M_CLIENT_SECRET: clientSecret,
    },
  });
  const testStart = performance.now();
  const elapsed = () => performance.now() - testStart;
  let [done, slowest, stale] = [0, 0, 0];
  const tokens = new Set<Credential<never>>();
  const resolveOnce = async () => {
    const start = performance.now();
    const credential = await resolver.resolve("polaris:rest");
    slowest = Math.max(slowest, performance.now() - start);
    if (credential.expiresAt! <= Date.now() || credential.source !== "m2m" || credential.degraded) stale++;
    tokens.add(credential as Credential<never>);
    done++;
  };
  const pending: Promise<void>[] = [];
  while (elapsed() < lifetime * lifetimes) {
    while (pending.length < elapsed() / 1_000 * perSecond) pending.push(resolveOnce());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
  const requests = await oidc.tokenRequests();
  const maxRequests = elapsed() / (lifetime - lifetime / 2) + 2;
  const rate = Math.round(done / elapsed() * 1_000);
  console.log(
    `${done} resolves, ${rate} a second, slowest ${slowest.toFixed(1)} ms, ${requests} requests of at most ${
      maxRequests | 0
    }`,
  );
  assertEquals([done, stale, tokens.size], [pending.length, 0, requests]);
  assertLessOrEqual(requests, maxRequests);
});
