import type { Presence } from "../core/chain/field.ts";

/** The variables of a service's fields; if a field has several, the first that is set counts. */
export type VariableNames = Readonly<Record<string, string | readonly string[]>>;

/** A service for which `init` writes a credential. */
export interface Service {
  /** The key of its credential. */
  readonly key: string;
  /** Its fields. Only those that the variables in use have are written. */
  readonly fields: Readonly<Record<string, Presence>>;
  /** Fields of which one must be there. */
  readonly anyOf?: readonly string[];
  /**
   * Alternative names of its variables, the service's own first. The alternative with the most variables set is used.
   */
  readonly variables: readonly [VariableNames, ...VariableNames[]];
  /** The document in the bootstrap directory. */
  readonly document: string;
  /** The locators of the fields in it, if they are not the fields' names. */
  readonly locators?: VariableNames;
}

/** The variables of AlphaSwarm's own chain. */
const alphaswarm = (service: string, ...fields: readonly string[]): VariableNames =>
  Object.fromEntries(fields.map((field) => [field, `ALPHASWARM_${service}_${field.toUpperCase()}`]));

/** https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html */
const aws: Service = {
  key: "aws:keys",
  fields: { access_key: "required", secret_key: "required", session_token: "optional", region: "setting" },
  variables: [{
    access_key: "AWS_ACCESS_KEY_ID",
    secret_key: "AWS_SECRET_ACCESS_KEY",
    session_token: "AWS_SESSION_TOKEN",
    region: ["AWS_REGION", "AWS_DEFAULT_REGION"],
  }],
  document: "aws-keys.json",
};

/** The services that `init` knows, by name, with the variables that their own tools read. */
export const SERVICES: Readonly<Record<string, Service>> = {
  // Hint: Polaris's command line reads CLIENT_ID and CLIENT_SECRET, which may hold the client of any other service.
  polaris: {
    key: "polaris:oauth",
    fields: { client_id: "required", client_secret: "required" },
    variables: [
      { client_id: "POLARIS_CLIENT_ID", client_secret: "POLARIS_CLIENT_SECRET" },
      alphaswarm("POLARIS", "client_id", "client_secret"),
    ],
    document: "polaris-principal.json",
    locators: {
      client_id: ["client_id", "/credentials/clientId"],
      client_secret: ["client_secret", "/credentials/clientSecret"],
    },
  },
  /** https://py.iceberg.apache.org/configuration/ */
  iceberg: {
    key: "iceberg:rest",
    fields: { credential: "optional", token: "optional", scope: "setting", oauth2_server_uri: "destination" },
    anyOf: ["credential", "token"],
    variables: [
      {
        credential: "PYICEBERG_CATALOG__DEFAULT__CREDENTIAL",
        token: "PYICEBERG_CATALOG__DEFAULT__TOKEN",
        scope: "PYICEBERG_CATALOG__DEFAULT__SCOPE",
        oauth2_server_uri: "PYICEBERG_CATALOG__DEFAULT__OAUTH2_SERVER_URI",
      },
      alphaswarm("ICEBERG_REST", "credential", "token", "scope", "oauth2_server_uri"),
    ],
    document: "iceberg-rest.json",
  },
  /** https://trino.io/docs/current/client/cli.html, which takes the user as an option. */
  trino: {
    key: "trino:basic",
    fields: { user: "required", password: "optional", token: "optional", access_token: "optional" },
    variables: [
      { user: "TRINO_USER", password: "TRINO_PASSWORD" },
      alphaswarm("TRINO", "user", "token", "access_token"),
    ],
    document: "trino-credentials.json",
  },
  /** https://pkg.go.dev/github.com/minio/minio-go/v7/pkg/credentials#EnvMinio */
  minio: {
    key: "minio:static",
    fields: { access_key: "required", secret_key: "required", endpoint_url: "destination", region: "setting" },
    variables: [
      { access_key: "MINIO_ACCESS_KEY", secret_key: "MINIO_SECRET_KEY" },
      alphaswarm("MINIO", "access_key", "secret_key", "endpoint_url", "region"),
    ],
    document: "minio-service-account.json",
    locators: { access_key: ["access_key", "accessKey"], secret_key: ["secret_key", "secretKey"] },
  },
  /** https://neo4j.com/docs/operations-manual/current/cypher-shell/; some clients' examples have NEO4J_USER. */
  neo4j: {
    key: "neo4j:basic",
    fields: { user: "required", password: "required", uri: "destination" },
    variables: [
      { user: ["NEO4J_USERNAME", "NEO4J_USER"], password: "NEO4J_PASSWORD", uri: "NEO4J_URI" },
      alphaswarm("NEO4J", "user", "password", "uri"),
    ],
    document: "neo4j-credentials.json",
  },
  /** https://www.postgresql.org/docs/current/libpq-envars.html */
  postgres: {
    key: "postgres:basic",
    fields: { user: "required", password: "required" },
    variables: [{ user: "PGUSER", password: "PGPASSWORD" }],
    document: "postgres-credentials.json",
  },
  /** https://cli.github.com/manual/gh_help_environment */
  github: {
    key: "github:api",
    fields: { token: "required" },
    variables: [{ token: ["GH_TOKEN", "GITHUB_TOKEN"] }],
    document: "github-token.json",
  },
  aws,
  s3: aws,
  /** https://developer.hashicorp.com/vault/docs/commands#environment-variables */
  vault: {
    key: "vault:token",
    fields: { token: "required", url: "destination" },
    variables: [{ token: "VAULT_TOKEN", url: "VAULT_ADDR" }],
    document: "vault-token.json",
  },
  /** https://developers.openai.com/docs/libraries */
  openai: {
    key: "openai:api",
    fields: { token: "required" },
    variables: [{ token: "OPENAI_API_KEY" }],
    document: "openai-key.json",
  },
};
