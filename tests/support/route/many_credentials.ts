import {
  createResolver,
  defineChain,
  defineStore,
  env,
  file,
  flag,
  required,
  type Resolver,
  token,
  unavailable,
} from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";

const PURPOSES = ["admin", "reader", "writer", "batch", "stream", "audit", "backup"] as const;
const SERVICES = ["polaris", "iceberg", "trino", "minio", "neo4j", "kafka"] as const;

const oauth2 = defineStore({
  kind: "oauth2",
  shape: token,
  open: () => ({ resource }: { resource?: string }) => {
    if (resource === "urn:stream") return unavailable("no answer within its timeout of 5000 ms");
    return { values: { access_token: "not-a-secret" }, expiresIn: 3_600 };
  },
});

const BASIC = { user: required(), password: required() };

/** Where a credential of each purpose comes from. */
function sourcesOf(service: string, purpose: string): object {
  const environment = { prefix: `ALPHASWARM_${service}_${purpose}_`.toUpperCase() };
  const members = { user: "access_token", password: "access_token" };
  if (purpose === "admin") return { file: `${service}-admin.json`, env: environment };
  if (purpose === "writer") {
    // Hint: three services keep their writers in one document, which is broken.
    const document = ["polaris", "iceberg", "trino"].includes(service) ? "lakehouse-writers.json" : `${service}.json`;
    return { file: { document, fields: { user: `${service}_user`, password: `${service}_password` } } };
  }
  if (purpose === "batch") return { m2m: { resource: `urn:${service}`, fields: members } };
  if (purpose === "stream") return { m2m: { resource: "urn:stream", fields: members }, env: environment };
  if (purpose === "backup") return { sts: { fields: members } };
  return { file: `${service}-${purpose}.json`, env: environment };
}

/**
 * Creates a resolver with 7 credentials for each service, in mixed states: most are available, three fail by one broken
 * document, others are degraded, missing or off.
 *
 * @param count How many services; 6 have names of services, the others are numbered.
 * @returns The resolver, which has asked every store that is on.
 */
export async function manyCredentials(count: number = SERVICES.length): Promise<Resolver> {
  const services = Array.from({ length: count }, (_, at) => SERVICES[at] ?? `service${at}`);
  const keys = services.flatMap((service) => PURPOSES.map((purpose) => [service, purpose] as const));
  const credentials = Object.fromEntries(keys.map(([service, purpose]) => [
    `${service}:${purpose}`,
    { fields: BASIC, from: sourcesOf(service, purpose) },
  ]));
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 300, enabled: flag("ALPHASWARM_AUTH_M2M_ENABLED") }),
      sts: oauth2({ priority: 250, enabled: flag("ALPHASWARM_MINIO_STS_ENABLED") }),
      file: file({ priority: 200, directory: "data/bootstrap" }),
      env: env({ priority: 100 }),
    },
    credentials,
  } as never);
  const identity = '{"user":"runtime","password":"not-a-secret"}';
  const given = services.flatMap((service) =>
    ["READER", "STREAM"].flatMap((purpose) =>
      ["USER", "PASSWORD"].map((field) => [`ALPHASWARM_${service.toUpperCase()}_${purpose}_${field}`, "not-a-secret"])
    )
  );
  const host = testHost({
    env: { ALPHASWARM_AUTH_M2M_ENABLED: "true", ...Object.fromEntries(given) },
    files: {
      "data/bootstrap/lakehouse-writers.json": "{ broken",
      ...Object.fromEntries(services.map((service) => [`data/bootstrap/${service}-admin.json`, identity])),
      ...Object.fromEntries(
        services.slice(3).map((service) => [
          `data/bootstrap/${service}.json`,
          JSON.stringify({ [`${service}_user`]: "runtime", [`${service}_password`]: "not-a-secret" }),
        ]),
      ),
    },
  });
  const resolver = createResolver(chain, host) as unknown as Resolver;
  for (const [service, purpose] of keys) {
    const found = resolver.find(`${service}:${purpose}` as never).catch(() => undefined);
    await host.clock.advance(1_000);
    await found;
  }
  return resolver;
}
