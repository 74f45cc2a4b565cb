import { createResolver, defineChain, memory, required } from "../../../../mod.ts";
import { testHost } from "../../../../src/testing/mod.ts";
import { vaultDynamic, vaultKv, vaultLogin } from "../../../../src/stores/vault/mod.ts";
import { expectEqual } from "../expect.ts";
import type { Checks } from "../table.ts";

const SECOND = 1_000;

/** A stand-in for a server of Vault: its leases are for ten minutes, and renewed for a minute. */
function standIn() {
  const sent: string[] = [];
  let leases = 0;
  const answers: Readonly<Record<string, () => object>> = {
    "auth/approle/login": () => ({
      auth: { client_token: "not-a-secret-login", lease_duration: 86_400, renewable: true },
    }),
    "secret/data/app": () => ({
      data: { data: { user: "app", password: "not-a-secret" }, metadata: { version: 3, created_time: "" } },
    }),
    "database/creds/app": () => ({
      lease_id: `lease-${++leases}`,
      lease_duration: 600,
      renewable: true,
      data: { username: `user-${leases}`, password: `not-a-secret-${leases}` },
    }),
    "sys/leases/renew": () => ({ lease_duration: 60 }),
  };
  const fetch = (input: RequestInfo | URL, init: RequestInit = {}) => {
    const path = new URL(String(input)).pathname.slice("/v1/".length);
    const { lease_id: lease } = JSON.parse(String(init.body ?? "{}"));
    sent.push(lease ? `${path} ${lease}` : path);
    const answer = answers[path];
    return Promise.resolve(answer ? Response.json(answer()) : new Response(null, { status: 204 }));
  };
  return { sent, fetch: fetch as typeof globalThis.fetch };
}

function makeChain(requestBound: boolean) {
  const server = standIn();
  const host = testHost({ fetch: server.fetch, requestBound });
  const url = "https://vault.example";
  const chain = defineChain({
    stores: {
      login: vaultLogin({ priority: 4, url, method: "approle", credential: "vault:role" }),
      db: vaultDynamic({ priority: 3, url, login: "vault:token", mount: "database" }),
      kv: vaultKv({ priority: 2, url, login: "vault:token" }),
      memory: memory({ priority: 1, values: { role_id: "app", secret_id: "not-a-secret" } }),
    },
    credentials: {
      "vault:role": { fields: { role_id: required(), secret_id: required() }, from: { memory: { prefix: "" } } },
      "vault:token": { fields: { token: required() }, from: { login: true } },
      "pg:app": {
        fields: { user: required(), password: required() },
        from: { db: { role: "app", fields: { user: "username", password: "password" } } },
      },
      "neo4j:basic": { fields: { user: required(), password: required() }, from: { kv: "app" } },
    },
  });
  return { sent: server.sent, clock: host.clock, resolver: createResolver(chain, host) };
}

/** Stores of HashiCorp Vault and OpenBao. */
export const vaultChecks: Checks = {
  "one login of Vault serves a document and a user of a database, and all is revoked in order at the end": async () => {
    for (const requestBound of [false, true]) {
      const { sent, resolver } = makeChain(requestBound);
      expectEqual((await resolver.resolve("neo4j:basic")).get("user"), "app");
      expectEqual((await resolver.resolve("pg:app")).get("user"), "user-1");
      expectEqual(sent, ["auth/approle/login", "secret/data/app", "database/creds/app"]);
      await resolver[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]();
      expectEqual(sent.slice(3), ["sys/leases/revoke lease-1", "auth/token/revoke-self"]);
    }
  },

  "a user of a database that was replaced is revoked after the overlap, unless a timer would outlive its request":
    async () => {
      for (const requestBound of [false, true]) {
        const { sent, clock, resolver } = makeChain(requestBound);
        await resolver.resolve("pg:app");
        await clock.advance(550 * SECOND);
        expectEqual((await resolver.resolve("pg:app")).get("user"), "user-2");
        expectEqual(sent.slice(2), ["sys/leases/renew lease-1", "database/creds/app"]);
        if (requestBound) expectEqual(clock.timers, 0);
        await clock.advance(30 * SECOND);
        expectEqual(sent.slice(4), requestBound ? [] : ["sys/leases/revoke lease-1"]);
      }
    },
};
