import {
  createResolver,
  defineChain,
  defineStore,
  destination,
  env,
  file,
  flag,
  fromEnv,
  optional,
  required,
  type Resolver,
  setting,
  token,
  unavailable,
} from "../../../mod.ts";
import { type TestHost, testHost } from "../../../src/testing/mod.ts";

const oauth2 = defineStore({
  kind: "oauth2",
  shape: token,
  open: () => ({ resource }: { resource?: string }) => {
    if (resource === "urn:down") return unavailable("no answer within its timeout of 5000 ms");
    return { values: { access_token: "not-a-secret" }, expiresIn: resource === "urn:short" ? 60 : 3_600 };
  },
});

const vault = defineStore({
  kind: "vault",
  shape: token,
  open: ({ url }: { url: string }) => () => ({ values: { token: url }, expiresIn: 60 }),
});

const exchange = defineStore({
  kind: "exchange",
  shape: token,
  needs: ["client"],
  open: () => async (_request, { need }) => ({ values: { token: (await need("client")).source }, expiresIn: 60 }),
});

/** A resolver with a credential in every state, and its host. */
export interface EveryState {
  readonly resolver: Resolver;
  readonly host: TestHost;
}

const mint = { access: "access_token" } as const;
const chain = defineChain({
  stores: {
    m2m: oauth2({ priority: 300, enabled: flag("ALPHASWARM_AUTH_M2M_ENABLED") }),
    sts: oauth2({ priority: 250, enabled: flag("ALPHASWARM_STS_ENABLED") }),
    vault: vault({ priority: 220, url: fromEnv("ALPHASWARM_VAULT_URL") }),
    exchange: exchange({ priority: 210, client: "kafka:sasl" }),
    file: file({ priority: 200, directory: fromEnv("ALPHASWARM_BOOTSTRAP_STATE_DIR", "data/bootstrap") }),
    env: env({ priority: 100 }),
  },
  credentials: {
    "polaris:oauth": {
      fields: { client_id: required(), client_secret: required(), principal: optional() },
      from: { file: "polaris-principal.json", env: { prefix: "ALPHASWARM_POLARIS_" } },
    },
    "polaris:rest": {
      fields: { access: required() },
      from: { m2m: { resource: "urn:polaris", fields: mint } },
    },
    "minio:static": {
      fields: {
        access_key: required(),
        secret_key: required(),
        endpoint_url: destination({ from: ["env"] }),
        region: setting({ default: "us-east-1" }),
      },
      from: { file: "minio-service-account.json", env: { prefix: "ALPHASWARM_MINIO_" } },
    },
    "trino:basic": {
      fields: { user: required(), token: optional() },
      from: {
        m2m: { resource: "urn:down", fields: { token: "access_token", user: "user" } },
        env: { prefix: "ALPHASWARM_TRINO_" },
      },
    },
    "spark:token": {
      fields: { access: required() },
      from: { m2m: { resource: "urn:short", fields: mint } },
    },
    "minio:sts": {
      fields: { session_token: required(), access_key: optional() },
      anyOf: ["session_token", "access_key"],
      from: { sts: true, env: { prefix: "ALPHASWARM_MINIO_STS_" } },
    },
    "neo4j:basic": {
      fields: { user: required(), password: required() },
      from: { file: "neo4j-credentials.json", env: { prefix: "ALPHASWARM_NEO4J_" } },
    },
    "kafka:sasl": { fields: { token: required() }, from: { vault: true } },
    "neo4j:admin": {
      fields: { user: required(), password: required() },
      from: {
        file: { document: "neo4j-credentials.json", fields: { user: "admin", password: "admin_password" } },
        env: { prefix: "ALPHASWARM_NEO4J_ADMIN_" },
      },
    },
    "kafka:registry": { fields: { token: required() }, from: { exchange: true } },
    "minio:backup": { fields: { access_key: required() }, from: { sts: true } },
    "ops:describe": { fields: { token: required() }, from: { env: { prefix: "ALPHASWARM_OPS_" } } },
  },
});

/**
 * Resolves each credential into its state: ok, degraded, expired, missing, in error by itself or by what its store needs,
 * off, and not asked; with stores that are on, off and invalid.
 */
export async function everyState(): Promise<EveryState> {
  const host = createHost();
  const resolver = createResolver(chain, host) as unknown as Resolver;
  const asked = Object.keys(chain.credentials).filter((key) => key !== "ops:describe");
  await resolver.find("spark:token");
  await host.clock.advance(120_000);
  for (const key of asked.filter((key) => key !== "spark:token")) {
    const found = resolver.find(key).catch(() => undefined);
    await host.clock.advance(1_000);
    await found;
  }
  return { resolver, host };
}

function createHost(): TestHost {
  return testHost({
    env: {
      ALPHASWARM_AUTH_M2M_ENABLED: "true",
      ALPHASWARM_POLARIS_CLIENT_ID: "root",
      ALPHASWARM_POLARIS_CLIENT_SECRET: "not-a-secret",
      ALPHASWARM_TRINO_USER: "reader",
      ALPHASWARM_TRINO_TOKEN: "not-a-secret",
    },
    files: {
      "data/bootstrap/neo4j-credentials.json": "{ broken",
      "data/bootstrap/minio-service-account.json": '{"access_key":"not-a-secret","secret_key":"not-a-secret"}',
    },
  });
}
