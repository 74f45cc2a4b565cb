/**
 * AlphaSwarm's chain: which store each service's credential comes from. A higher priority is asked first, so to
 * reorder stores, edit one number. This file contains no secret.
 *
 * Variables alone point it at an installation's servers: those of `m2m` and `sts` are at the options below, with their
 * purpose. An unset variable leaves out what it is for; with none of them set, only the bootstrap documents and the
 * services' own variables are read. The documents are in ALPHASWARM_BOOTSTRAP_STATE_DIR, or in data/bootstrap if it is not
 * set; what follows "or" is where the service's own answer has the member, as Polaris and `mc` print it.
 *
 * polaris:oauth   file  polaris-principal.json: client_id or /credentials/clientId,
 *                       client_secret or /credentials/clientSecret, principal or /principal/name
 *                 env   ALPHASWARM_POLARIS_CLIENT_ID, ALPHASWARM_POLARIS_CLIENT_SECRET, ALPHASWARM_POLARIS_PRINCIPAL
 * polaris:rest    as iceberg:rest
 * iceberg:rest    m2m   access_token
 *                 file  polaris-principal.json: {client_id}:{client_secret} or
 *                       {/credentials/clientId}:{/credentials/clientSecret}
 *                 env   ALPHASWARM_ICEBERG_REST_CREDENTIAL, ALPHASWARM_ICEBERG_REST_TOKEN,
 *                       ALPHASWARM_ICEBERG_REST_OAUTH2_SERVER_URI, ALPHASWARM_ICEBERG_REST_SCOPE
 * trino:basic     m2m   access_token, ALPHASWARM_TRINO_USER
 *                 env   ALPHASWARM_TRINO_USER, ALPHASWARM_TRINO_TOKEN, ALPHASWARM_TRINO_ACCESS_TOKEN,
 *                       ALPHASWARM_TRINO_SOURCE
 * minio:static    file  minio-service-account.json: access_key or accessKey, secret_key or secretKey, endpoint_url, region
 *                 env   ALPHASWARM_MINIO_ACCESS_KEY, ALPHASWARM_MINIO_SECRET_KEY, ALPHASWARM_MINIO_ENDPOINT_URL,
 *                       ALPHASWARM_MINIO_REGION
 * minio:sts       sts   access_key, secret_key, session_token
 *                 env   ALPHASWARM_MINIO_ENDPOINT_URL, ALPHASWARM_MINIO_REGION
 * minio:identity  m2m   access_token
 * neo4j:basic     file  neo4j-credentials.json: user, password, uri
 *                 env   ALPHASWARM_NEO4J_USER, ALPHASWARM_NEO4J_PASSWORD, ALPHASWARM_NEO4J_URI
 * m2m:client      file  m2m-client.json: client_id, client_secret, private_key, certificate, key_id
 *                 env   ALPHASWARM_AUTH_M2M_CLIENT_ID, ALPHASWARM_AUTH_M2M_CLIENT_SECRET, ALPHASWARM_AUTH_M2M_PRIVATE_KEY,
 *                       ALPHASWARM_AUTH_M2M_CERTIFICATE, ALPHASWARM_AUTH_M2M_KEY_ID
 */
import {
  defineChain,
  destination,
  env,
  file,
  flag,
  fromEnv,
  optional,
  required,
  setting,
  whenSet,
} from "@alphaswarm/credentials";
import { oauth2 } from "@alphaswarm/credentials/oauth2";
import { sts } from "@alphaswarm/credentials/sts";

const rest = {
  fields: {
    credential: optional(),
    token: optional(),
    oauth2_server_uri: destination({ from: ["env"] }),
    scope: setting(),
  },
  anyOf: ["credential", "token"],
  from: {
    m2m: {
      resource: "urn:alphaswarm:polaris",
      scope: fromEnv("ALPHASWARM_AUTH_M2M_POLARIS_SCOPE", ""), // Polaris's own endpoint: PRINCIPAL_ROLE:ALL
      fields: { token: "access_token" },
    },
    file: {
      document: "polaris-principal.json",
      fields: { credential: ["{client_id}:{client_secret}", "{/credentials/clientId}:{/credentials/clientSecret}"] },
    },
    env: { prefix: "ALPHASWARM_ICEBERG_REST_" },
  },
} as const;

export default defineChain({
  stores: {
    m2m: oauth2({
      priority: 300,
      enabled: flag("ALPHASWARM_AUTH_M2M_ENABLED"),
      // Where to request tokens: this URL, or the one that the issuer's metadata names. With both, the issuer is only the
      // audience of private_key_jwt assertions.
      tokenEndpoint: fromEnv("ALPHASWARM_AUTH_M2M_TOKEN_URL", ""),
      issuer: fromEnv("ALPHASWARM_AUTH_M2M_ISSUER", ""),
      client: "m2m:client", // its client id and secret are a credential of this chain
      // client_secret_basic, client_secret_post (Polaris's own endpoint) or private_key_jwt (a client that has only a key)
      authentication: fromEnv("ALPHASWARM_AUTH_M2M_AUTHENTICATION", ""),
      // How a service's resource is sent: resource, audience (Auth0), or none (Keycloak, Entra, Polaris: use a scope)
      resourceParameter: fromEnv("ALPHASWARM_AUTH_M2M_RESOURCE_PARAMETER", "resource"),
      scope: fromEnv("ALPHASWARM_AUTH_M2M_SCOPE", ""), // of every token, unless its service has its own scope
      audience: fromEnv("ALPHASWARM_AUTH_M2M_AUDIENCE", ""), // of every token
      parameters: { organization: fromEnv("ALPHASWARM_AUTH_M2M_ORGANIZATION", "") }, // Auth0's organizations
      headers: { "Polaris-Realm": fromEnv("ALPHASWARM_POLARIS_REALM", "") }, // Polaris with several realms
    }),
    sts: sts({
      priority: 250,
      enabled: [flag("ALPHASWARM_AUTH_M2M_ENABLED"), whenSet("ALPHASWARM_MINIO_STS_URL")], // both of them
      endpoint: fromEnv("ALPHASWARM_MINIO_STS_URL"),
      role: fromEnv("ALPHASWARM_MINIO_STS_ROLE_ARN", ""), // AWS, Ceph and MinIO's role policies need one
      webIdentity: "minio:identity",
      onExpired: "next", // no S3-compatible server accepts an expired credential, though AWS may in an outage
    }),
    file: file({ priority: 200, directory: fromEnv("ALPHASWARM_BOOTSTRAP_STATE_DIR", "data/bootstrap") }),
    env: env({ priority: 100 }),
  },
  credentials: {
    "polaris:oauth": {
      fields: { client_id: required(), client_secret: required(), principal: optional() },
      from: {
        file: {
          document: "polaris-principal.json", // our own flat form, or Polaris's own answer
          fields: {
            client_id: ["client_id", "/credentials/clientId"],
            client_secret: ["client_secret", "/credentials/clientSecret"],
            principal: ["principal", "/principal/name"],
          },
        },
        env: { prefix: "ALPHASWARM_POLARIS_" },
      },
    },
    "polaris:rest": rest,
    "iceberg:rest": rest,
    "trino:basic": {
      fields: { user: required(), token: optional(), access_token: optional(), source: setting() },
      from: {
        m2m: {
          resource: "urn:alphaswarm:trino",
          scope: fromEnv("ALPHASWARM_AUTH_M2M_TRINO_SCOPE", ""),
          fields: { token: "access_token" },
          with: { user: fromEnv("ALPHASWARM_TRINO_USER", "alphaswarm_runtime") },
        },
        env: { prefix: "ALPHASWARM_TRINO_" },
      },
    },
    "minio:static": {
      fields: {
        access_key: required(),
        secret_key: required(),
        endpoint_url: destination({ from: ["env"] }),
        region: setting({ default: "us-east-1" }),
      },
      from: {
        file: {
          document: "minio-service-account.json", // our own form, or mc's own answer
          fields: {
            access_key: ["access_key", "accessKey"],
            secret_key: ["secret_key", "secretKey"],
            endpoint_url: ["endpoint_url", "endpoint_url"],
            region: ["region", "region"],
          },
        },
        env: { prefix: "ALPHASWARM_MINIO_" },
      },
    },
    "minio:sts": {
      fields: {
        access_key: required(),
        secret_key: required(),
        session_token: required(),
        endpoint_url: destination({ from: ["env"] }),
        region: setting({ default: "us-east-1" }),
      },
      from: {
        sts: true,
        env: { fields: { endpoint_url: "ALPHASWARM_MINIO_ENDPOINT_URL", region: "ALPHASWARM_MINIO_REGION" } },
      },
    },
    "minio:identity": {
      fields: { token: required() },
      from: {
        m2m: {
          resource: "urn:alphaswarm:minio",
          scope: fromEnv("ALPHASWARM_AUTH_M2M_MINIO_SCOPE", ""),
          fields: { token: "access_token" },
        },
      },
    },
    "neo4j:basic": {
      fields: { user: required(), password: required(), uri: destination({ from: ["env"] }) },
      from: { file: "neo4j-credentials.json", env: { prefix: "ALPHASWARM_NEO4J_" } },
    },
    "m2m:client": {
      fields: {
        client_id: required(),
        client_secret: optional(),
        private_key: optional(), // for private_key_jwt: PKCS #8 PEM, or a JWK
        certificate: optional(), // PEM, by which Entra finds the public key
        key_id: optional(), // by which other servers find it, if the key itself does not say
      },
      anyOf: ["client_secret", "private_key"],
      from: { file: "m2m-client.json", env: { prefix: "ALPHASWARM_AUTH_M2M_" } },
    },
  },
});
