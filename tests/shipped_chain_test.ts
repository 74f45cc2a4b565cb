/**
 * The shipped chain on the documents that AlphaSwarm's services print: whatever stands in a bootstrap file, the seed in
 * the environment never wins over it unseen.
 */
import { assertEquals } from "@std/assert";
import chain from "../chain.config.ts";
import { createResolver, CredentialError } from "../mod.ts";
import { testHost } from "../src/testing/mod.ts";

const SEED = {
  ALPHASWARM_POLARIS_CLIENT_ID: "root",
  ALPHASWARM_POLARIS_CLIENT_SECRET: "s3cr3t",
  ALPHASWARM_ICEBERG_REST_CREDENTIAL: "root:s3cr3t",
  ALPHASWARM_MINIO_ACCESS_KEY: "seed",
  ALPHASWARM_MINIO_SECRET_KEY: "seed",
  ALPHASWARM_NEO4J_USER: "neo4j",
  ALPHASWARM_NEO4J_PASSWORD: "seed",
  ALPHASWARM_AUTH_M2M_CLIENT_ID: "seed",
  ALPHASWARM_AUTH_M2M_CLIENT_SECRET: "seed",
};

/** What services and tools write, and what is left of it when they fail. The secrets are fake. */
const DOCUMENTS: Readonly<Record<string, unknown>> = {
  "our own form": { client_id: "id", client_secret: "secret", principal: "alphaswarm_runtime" },
  "Polaris's answer": {
    principal: { name: "alphaswarm_runtime", clientId: "id", properties: {} },
    credentials: { clientId: "id", clientSecret: "secret" },
  },
  "Polaris's answer without the secret": { principal: { name: "alphaswarm_runtime", clientId: "id" } },
  "Polaris's error": { error: { message: "Principal already exists", type: "AlreadyExistsException", code: 409 } },
  "mc's answer": { status: "success", accessKey: "key", secretKey: "secret", expiration: "1970-01-01T00:00:00Z" },
  "mc's error": { status: "error", error: { message: "Unable to add service account." } },
  "keys in our own form": { access_key: "key", secret_key: "secret" },
  "a Neo4j login": { user: "runtime", password: "secret" },
  "a Neo4j login in another form": { username: "runtime", pass: "secret" },
  "a list": [{ client_id: "id" }],
  "null members": { client_id: null, user: null, access_key: null },
};

const FILES = {
  "polaris:oauth": "polaris-principal.json",
  "polaris:rest": "polaris-principal.json",
  "iceberg:rest": "polaris-principal.json",
  "minio:static": "minio-service-account.json",
  "neo4j:basic": "neo4j-credentials.json",
  "m2m:client": "m2m-client.json",
} as const;

/** Which of them each credential understands; of all others it says that it does not. */
const UNDERSTOOD: Readonly<Record<keyof typeof FILES, readonly string[]>> = {
  "polaris:oauth": ["our own form", "Polaris's answer"],
  "polaris:rest": ["our own form", "Polaris's answer"],
  "iceberg:rest": ["our own form", "Polaris's answer"],
  "minio:static": ["keys in our own form", "mc's answer"],
  "neo4j:basic": ["a Neo4j login"],
  "m2m:client": ["our own form"],
};

async function sourceOf(key: keyof typeof FILES, text?: string): Promise<string> {
  const files = text === undefined ? {} : { [`data/bootstrap/${FILES[key]}`]: text };
  const host = testHost({ env: SEED, files });
  const settled = Promise.allSettled([createResolver(chain, host).resolve(key)]);
  await host.clock.advance(1_000);
  const [result] = await settled;
  if (result.status === "fulfilled") return result.value.source + (result.value.degraded ? ", degraded" : "");
  return result.reason instanceof CredentialError ? result.reason.code : "bug";
}

for (const key of Object.keys(FILES) as (keyof typeof FILES)[]) {
  Deno.test(`${key} is never the seed while its bootstrap file has something in it`, async () => {
    for (const [what, document] of Object.entries(DOCUMENTS)) {
      const source = await sourceOf(key, JSON.stringify(document));
      const understood = UNDERSTOOD[key].includes(what);
      assertEquals(["incomplete", "invalid"].includes(source), !understood, `${what}: ${source}`);
      if (understood) assertEquals(source, "file", what);
    }
    assertEquals([await sourceOf(key), await sourceOf(key, "{}"), await sourceOf(key, "")], ["env", "env", "invalid"]);
  });
}
