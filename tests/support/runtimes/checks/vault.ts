import { testHost } from "../../../../src/testing/mod.ts";
import { vaultResolver } from "../../fixtures/vault_chain.ts";
import { type FixedAnswer, leaseAnswer, loginAnswer, NOT_THERE, responseOf } from "../../stand_ins/vault.ts";
import { expectEqual } from "../expect.ts";
import type { Checks } from "../table.ts";

const SECOND = 1_000;

/** A stand-in for a server of Vault without a network: its leases are for ten minutes, and renewed for a minute. */
function standIn() {
  const sent: string[] = [];
  let leases = 0;
  const answers: Readonly<Record<string, () => FixedAnswer>> = {
    "auth/approle/login": () => loginAnswer("not-a-secret-login", { lease_duration: 86_400 }),
    "secret/data/app": () => [200, { data: { data: { user: "app" }, metadata: { version: 3, created_time: "" } } }],
    "database/creds/app": () => leaseAnswer(`user-${++leases}`, { lease_id: `lease-${leases}`, lease_duration: 600 }),
    "sys/leases/renew": () => [200, { lease_duration: 60 }],
    "sys/leases/revoke": () => [204],
    "auth/token/revoke-self": () => [204],
  };
  const fetch = (input: RequestInfo | URL, init: RequestInit = {}) => {
    const path = new URL(String(input)).pathname.slice("/v1/".length);
    const { lease_id: lease } = JSON.parse(String(init.body ?? "{}"));
    sent.push(lease ? `${path} ${lease}` : path);
    return Promise.resolve(responseOf(answers[path]?.() ?? NOT_THERE));
  };
  return { sent, fetch: fetch as typeof globalThis.fetch };
}

function makeChain(requestBound: boolean) {
  const server = standIn();
  const host = testHost({ fetch: server.fetch, requestBound });
  const values = { role_id: "app", secret_id: "not-a-secret" };
  return {
    sent: server.sent,
    clock: host.clock,
    resolver: vaultResolver({ url: "https://vault.example", values }, host),
  };
}

/** Stores of HashiCorp Vault and OpenBao. */
export const vaultChecks: Checks = {
  "one login of Vault serves a document and a user of a database, and all is revoked in order at the end": async () => {
    for (const requestBound of [false, true]) {
      const { sent, resolver } = makeChain(requestBound);
      expectEqual((await resolver.resolve("app:basic")).get("user"), "app");
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
