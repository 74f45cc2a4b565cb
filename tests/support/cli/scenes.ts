import { rootUrl } from "../closed_network/root.ts";
import { SEAL } from "../share/fleet.ts";

/** A chain in a state in which an operator looks at it. */
export interface Scene {
  readonly name: string;
  /** The module of the chain; default that of this repository. */
  readonly chain?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The files in the working directory, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** A credential to explain. */
  readonly key: string;
}

const url = (path: string) => new URL(path, rootUrl).href;

/** A login, what needs it, versions of a document, and a token that machines share by Redis. */
const VAULT = `
  import { defineChain, env, fromEnv, required } from "${url("mod.ts")}";
  import { vaultDynamic, vaultKv, vaultLogin } from "${url("src/stores/vault/mod.ts")}";
  import { oauth2 } from "${url("src/stores/oauth2/oauth2.ts")}";
  import { redis } from "${url("src/share/mod.ts")}";

  const url = fromEnv("VAULT_ADDR");
  const USER = { user: required(), password: required() };
  const share = redis({
    seal: "fleet:seal",
    credential: "fleet:redis",
    connect: () => Promise.reject(new Error("not reached")),
  });
  export default defineChain({
    stores: {
      m2m: oauth2({ priority: 400, tokenEndpoint: fromEnv("TOKEN_URL"), client: "m2m:client", share }),
      login: vaultLogin({ priority: 300, url, method: "approle", credential: "vault:role" }),
      db: vaultDynamic({ priority: 260, url, login: "vault:token", mount: "database" }),
      kv: vaultKv({ priority: 250, url, login: "vault:token", mount: "secret", namespace: "team" }),
      env: env({ priority: 100 }),
    },
    credentials: {
      "polaris:rest": {
        fields: { token: required() },
        from: { m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } } },
      },
      "m2m:client": { fields: { client_id: required(), client_secret: required() }, from: { kv: "m2m/client" } },
      "vault:role": { fields: { role_id: required(), secret_id: required() }, from: { env: { prefix: "VAULT_" } } },
      "vault:token": { fields: { token: required() }, from: { login: true } },
      "pg:app": { fields: USER, from: { db: { role: "app", fields: { user: "username", password: "password" } } } },
      "neo4j:basic": { fields: USER, from: { kv: "neo4j/app", env: { prefix: "NEO4J_" } } },
      "fleet:seal": { fields: { key: required() }, from: { env: { fields: { key: "FLEET_SEAL" } } } },
      "fleet:redis": { fields: { url: required() }, from: { env: { fields: { url: "FLEET_REDIS_URL" } } } },
    },
  });
`;

/** As many services as a large project has, with a document for each and three that none can read. */
const MANY = `
  import { defineChain, env, file, optional, required } from "${url("mod.ts")}";

  export default defineChain({
    stores: { file: file({ priority: 200, directory: "state" }), env: env({ priority: 100 }) },
    credentials: Object.fromEntries(Array.from({ length: 42 }, (_, at) => [
      "service-" + at + ":basic",
      {
        fields: { user: required(), password: required(), tenant: optional() },
        from: { file: at % 6 === 5 ? "shared-" + at % 4 + ".json" : "service-" + at + ".json", env: { prefix: "SERVICE_" + at + "_" } },
      },
    ])),
  });
`;

/** Programs, keys of a machine, and a token endpoint. */
const MACHINE = `
  import { defineChain, env, flag, fromEnv, optional, required } from "${url("mod.ts")}";
  import { awsRuntime, secretsManager } from "${url("src/stores/aws/mod.ts")}";
  import { exec } from "${url("src/stores/exec/mod.ts")}";
  import { oauth2 } from "${url("src/stores/oauth2/oauth2.ts")}";

  export default defineChain({
    stores: {
      idp: oauth2({
        priority: 500,
        enabled: flag("IDP_ENABLED"),
        tokenEndpoint: fromEnv("IDP_TOKEN_URL"),
        client: "idp:client",
        scope: fromEnv("IDP_SCOPE", ""),
      }),
      sm: secretsManager({ priority: 400, region: fromEnv("AWS_REGION"), credentials: "aws:keys" }),
      aws: awsRuntime({ priority: 300 }),
      op: exec({ priority: 200, command: ["no-such-program", "read", "{}"] }),
      env: env({ priority: 100 }),
    },
    credentials: {
      "aws:keys": {
        fields: { access_key: required(), secret_key: required(), session_token: optional() },
        from: { aws: true },
      },
      "db:basic": { fields: { user: required(), password: required() }, from: { sm: "prod/db", env: { prefix: "DB_" } } },
      "github:api": {
        fields: { token: required() },
        from: { op: { document: "op://dev/github/token", text: true, fields: { token: "" } }, env: { prefix: "GITHUB_" } },
      },
      "idp:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { env: { prefix: "IDP_" } },
      },
      "orders:api": {
        fields: { token: required() },
        from: { idp: { audience: "https://orders.example", fields: { token: "access_token" } }, env: { prefix: "ORDERS_" } },
      },
    },
  });
`;

const NEO4J = JSON.stringify({ user: "fake-user", password: "fake-password" });

/** The scenes. */
export const scenes: readonly Scene[] = [
  { name: "fresh", key: "polaris:rest" },
  {
    name: "broken",
    key: "polaris:rest",
    files: { "data/bootstrap/polaris-principal.json": '{\n"client_id": "fake' },
  },
  {
    name: "mixed",
    key: "minio:static",
    env: {
      ALPHASWARM_MINIO_ACCESS_KEY: "fake-key",
      ALPHASWARM_MINIO_SECRET_KEY: "fake-key",
      ALPHASWARM_MINIO_ENDPOINT_URL: "http://127.0.0.1:9000",
      ALPHASWARM_ICEBERG_REST_TOKEN: "fake-token",
      ALPHASWARM_TRINO_USER: "fake-user",
      ALPHASWARM_AUTH_M2M_ENABLED: "true",
    },
    files: {
      "data/bootstrap/polaris-principal.json": '{"client_id": "fake-id"}',
      "data/bootstrap/neo4j-credentials.json": NEO4J,
    },
  },
  {
    name: "vault",
    key: "polaris:rest",
    chain: VAULT,
    env: { VAULT_ADDR: "http://127.0.0.1:9", TOKEN_URL: "http://127.0.0.1:9/token", FLEET_SEAL: SEAL, NEO4J_USER: "a" },
  },
  {
    name: "many",
    key: "service-11:basic",
    chain: MANY,
    env: Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [[`SERVICE_${at}_USER`, "fake"], [`SERVICE_${at}_PASSWORD`, "fake"]])
        .flat(),
    ),
    files: { "state/service-3.json": "{", "state/service-21.json": '{"user": "fake"}', "state/service-22.json": NEO4J },
  },
  { name: "machine", key: "orders:api", chain: MACHINE, env: { ORDERS_TOKEN: "fake-token", IDP_ENABLED: "true" } },
];

/** Writes the files of a scene to a directory, and returns the options with which a command finds its chain. */
export function setScene({ chain, files = {} }: Scene, directory: string): readonly string[] {
  Deno.mkdirSync(`${directory}/data/bootstrap`, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    Deno.mkdirSync(`${directory}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${directory}/${path}`, text, { mode: 0o600 });
  }
  if (chain === undefined) return ["--config", new URL("chain.config.ts", rootUrl).pathname];
  Deno.writeTextFileSync(`${directory}/chain.config.ts`, chain);
  return [];
}
