import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import chain from "../../chain.config.ts";
import { createResolver } from "../../mod.ts";
import { aws4fetch } from "../../src/clients/aws.ts";
import { icebergOptions } from "../../src/clients/iceberg.ts";
import { callSteadily, HEAD, row, type Seen, seen, type Send } from "../support/outages/steady_calls.ts";
import { type Keycloak, startKeycloak } from "../support/servers/keycloak.ts";
import { type Minio, startMinio } from "../support/servers/minio.ts";
import { type Nessie, startNessie } from "../support/servers/nessie.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

/** The lifetime of the provider's tokens, in seconds. */
const LIFETIME = 4;
/** The time between two calls of one service, in milliseconds. */
const EVERY_MS = 100;
const SECOND = 1_000;
/** Within this time after the provider is back, so are its clients. */
const RECOVERY_MS = 15 * SECOND;

serverTest(
  "an outage of the identity provider is over for its clients within 15 s, and none of them ever sends a dead token",
  ["keycloak", "minio", "mc", "nessie"],
  async (t) => {
    await using keycloak = await startKeycloak({ lifetime: LIFETIME });
    await using minio = await startMinio({ openid: keycloak });
    await using nessie = await startNessie({ openid: keycloak, minio });
    const clients = clientsOf(keycloak, minio, nessie);
    const table = [HEAD];
    /** Calls every service while something happens and for a while after it; asserts when the last call failed. */
    const during = async (happening: string, happen: () => Promise<void>): Promise<readonly Seen[]> => {
      const start = performance.now();
      let overAt = 0;
      const until = happen().then(() => {
        overAt = performance.now() - start;
        return delay(RECOVERY_MS + 5 * SECOND);
      });
      const all = await Promise.all(clients.map(async ({ send }) => seen(await callSteadily(send, EVERY_MS, until))));
      for (const [at, each] of all.entries()) {
        table.push(row(happening, clients[at]!.service, each));
        assertLessOrEqual(each.lastFailureMs, overAt + RECOVERY_MS, table.join("\n"));
      }
      return all;
    };
    for (const { send } of clients) assertEquals(await send(), 200);

    await t.step("tokens of 4 s are renewed, and no call fails", async () => {
      for (const { calls, failed } of await during("tokens of 4 s", () => delay(40 * SECOND))) {
        assertEquals(failed, {});
        assertGreater(calls, 300);
      }
    });
    await t.step("the provider answers nobody for 20 s, and callers are told so", async () => {
      const stopped = async (): Promise<void> => {
        await keycloak.pause();
        await delay(20 * SECOND);
        await keycloak.resume();
      };
      for (const { failed } of await during("no answer for 20 s", stopped)) {
        assertEquals(Object.keys(failed), ["unavailable"]);
      }
    });
    await t.step("the provider is restarted with new keys, which the services look for themselves", async () => {
      for (const { failed } of await during("restart with new keys", () => keycloak.restart({ newKeys: true }))) {
        // Hint: a catalog that has not found the new keys yet refuses the first tokens that they signed.
        assertEquals(Object.keys(failed).filter((result) => !["unavailable", "HTTP 401"].includes(result)), []);
      }
    });
    console.log(table.join("\n"));
  },
);

interface Client {
  readonly service: string;
  readonly send: Send;
}

/** The clients of a catalog and of an S3-compatible store, with the shipped chain and variables alone. */
function clientsOf(keycloak: Keycloak, minio: Minio, nessie: Nessie): readonly Client[] {
  const { clientId, clientSecret } = keycloak.clients.secret;
  const resolver = createResolver(chain, {
    env: {
      ALPHASWARM_AUTH_M2M_ENABLED: "true",
      ALPHASWARM_AUTH_M2M_ISSUER: keycloak.issuer,
      ALPHASWARM_AUTH_M2M_CLIENT_ID: clientId,
      ALPHASWARM_AUTH_M2M_CLIENT_SECRET: clientSecret,
      ALPHASWARM_AUTH_M2M_RESOURCE_PARAMETER: "none",
      ALPHASWARM_AUTH_M2M_POLARIS_SCOPE: "polaris",
      ALPHASWARM_AUTH_M2M_MINIO_SCOPE: "minio",
      ALPHASWARM_MINIO_STS_URL: minio.stsEndpoint,
    },
  });
  const { fetch } = icebergOptions(resolver, "polaris:rest");
  const catalog = () => fetch(`${nessie.catalog}/v1/config?warehouse=${nessie.warehouse}`);
  const s3 = aws4fetch(resolver, "minio:sts", (keys) => new AwsClient({ ...keys, service: "s3", retries: 0 }));
  const object = `${minio.endpoint}/${minio.bucket}/object`;
  const store = async () => await (await s3()).fetch(object, { method: "PUT", body: "written" });
  return [{ service: "the catalog", send: () => statusOf(catalog()) }, {
    service: "S3",
    send: () => statusOf(store()),
  }];
}

async function statusOf(answer: Promise<Response>): Promise<number> {
  const { status, body } = await answer;
  await body?.cancel();
  return status;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
