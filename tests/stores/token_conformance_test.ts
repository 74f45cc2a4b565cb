import type { Store } from "../../mod.ts";
import { awsRuntime } from "../../src/stores/aws/mod.ts";
import { githubActions } from "../../src/stores/identity/mod.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import { sts } from "../../src/stores/sts/sts.ts";
import {
  conformance,
  type ConformanceLimit,
  type ConformanceValues,
  type StoreHarness,
} from "../../src/testing/mod.ts";
import { fakeJwt } from "../support/fixtures/fake_jwt.ts";
import { keysAnswer } from "../support/stand_ins/machine_keys.ts";
import { awsError, success } from "../support/stand_ins/sts.ts";

/** Starts a stand-in for a server that issues tokens: it answers as a test says, or not at all. */
function startIssuer() {
  const stalled = Promise.withResolvers<Response>();
  const answer = { status: 200, body: "" };
  let isStalled = false;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    await request.body?.cancel();
    return isStalled ? await stalled.promise : new Response(answer.body || crypto.randomUUID(), {
      status: answer.status,
      headers: { "content-type": answer.body.startsWith("{") ? "application/json" : "text/xml" },
    });
  });
  return {
    answer,
    url: `http://127.0.0.1:${server.addr.port}/`,
    stall: () => void (isStalled = true),
    disconnect: () => server.shutdown(),
    close: () => {
      stalled.resolve(new Response());
      return server.shutdown();
    },
  };
}

function test(kind: string, open: () => StoreHarness, cannot: readonly ConformanceLimit[]): void {
  for (const { name, run } of conformance(kind, open, cannot)) Deno.test(name, run);
}

test("sts", () => {
  const { answer, url, ...place } = startIssuer();
  return {
    store: (options) => sts({ ...options, endpoint: url, webIdentity: "kit:identity" }),
    from: { fields: { user: "access_key", password: "secret_key", note: "session_token" } },
    needs: { "kit:identity": () => ({ token: crypto.randomUUID() }) },
    put: () => void (answer.body = success({ AccessKeyId: crypto.randomUUID(), SecretAccessKey: crypto.randomUUID() })),
    remove: () => {},
    deny: () => void Object.assign(answer, { status: 403, body: awsError("AccessDenied") }),
    break: () => void (answer.body = "<html></html>"),
    ...place,
  };
}, ["put", "part"]);

type OAuth2Place = Pick<Parameters<typeof oauth2>[0], "priority" | "tokenEndpoint">;

/** The stores of `oauth2`, one for each grant and each client without a secret of its own. */
const OAUTH2: Readonly<Record<string, (place: OAuth2Place) => Store>> = {
  "oauth2": (place) => oauth2({ ...place, client: "kit:client" }),
  "oauth2, asserting its client": (place) =>
    oauth2({ ...place, authentication: "client_assertion", clientAssertion: "kit:token", client: "kit:client" }),
  "oauth2, exchanging a token": (place) =>
    oauth2({
      ...place,
      grant: "token_exchange",
      subjectToken: "kit:token",
      actorToken: "kit:actor",
      client: "kit:client",
    }),
  "oauth2, presenting an assertion": (place) =>
    oauth2({ ...place, grant: "jwt_bearer", authentication: "none", assertion: "kit:token" }),
};

for (const [kind, storeOf] of Object.entries(OAUTH2)) {
  test(kind, () => {
    const { answer, url, ...place } = startIssuer();
    const fields: Record<keyof ConformanceValues, string> = {
      user: "access_token",
      password: "access_token",
      note: "none",
    };
    return {
      store: (options) => storeOf({ ...options, tokenEndpoint: url }),
      from: { fields },
      needs: {
        "kit:client": () => ({ client_id: "kit", client_secret: crypto.randomUUID() }),
        "kit:token": () => ({ token: crypto.randomUUID() }),
        "kit:actor": () => ({ token: crypto.randomUUID() }),
      },
      put: () =>
        void (answer.body = JSON.stringify({
          access_token: crypto.randomUUID(),
          token_type: "bearer",
          expires_in: 60,
        })),
      remove: () => {},
      deny: () => void Object.assign(answer, { status: 401, body: '{"error":"invalid_client"}' }),
      break: () => void (answer.body = "{}"),
      ...place,
    };
  }, ["put", "part"]);
}

/** A host on which a request to any address reaches a stand-in. */
function reaching(url: string, env: Record<string, string>) {
  const { pathname } = new URL(url);
  return {
    env,
    fetch: (input: RequestInfo | URL, init?: RequestInit) =>
      fetch(String(input).replace(/^https?:\/\/[^/]+/, url.slice(0, -pathname.length)), init),
  };
}

for (const imds of [false, true]) {
  test(imds ? "awsRuntime at an instance" : "awsRuntime in a container", () => {
    const { answer, url, ...place } = startIssuer();
    const host = reaching(url, imds ? {} : { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/keys" });
    return {
      store: (options) => awsRuntime({ ...options, ...imds && { imds } }),
      from: { fields: { user: "access_key", password: "secret_key", note: "session_token" } },
      host,
      put: async () => void (answer.body = await keysAnswer(Math.random(), Date.now() + 3_600_000).text()),
      remove: () => {},
      deny: () => void Object.assign(answer, { status: 403, body: "{}" }),
      break: () => void (answer.body = "<html></html>"),
      ...place,
    };
  }, ["put", "part"]);
}

test("githubActions", () => {
  const { answer, url, ...place } = startIssuer();
  const host = reaching(url, {
    GITHUB_ACTIONS: "true",
    ACTIONS_ID_TOKEN_REQUEST_URL: "https://runner.actions.githubusercontent.com/idtoken?api-version=2.0",
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: crypto.randomUUID(),
  });
  return {
    store: githubActions,
    from: { fields: { user: "token", password: "token", note: "none" } },
    host,
    put: () => {
      const value = fakeJwt({ exp: Math.floor(Date.now() / 1_000) + 300, jti: crypto.randomUUID() });
      answer.body = JSON.stringify({ value });
    },
    remove: () => {},
    deny: () => void Object.assign(answer, { status: 401, body: "{}" }),
    break: () => void (answer.body = "{}"),
    ...place,
  };
}, ["put", "part"]);
