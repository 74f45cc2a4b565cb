import { assertEquals } from "@std/assert";
import type { S3ClientConfig } from "npm:@aws-sdk/client-s3@^3.1173.0";
import type { IcebergRestCatalogOptions } from "npm:iceberg-js@^1.0.0";
import type { AuthTokenManager } from "npm:neo4j-driver@^6.3.0";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import chain from "../../chain.config.ts";
import { createResolver, defineChain, env, optional, required } from "../../mod.ts";
import { aws4fetch, awsCredentials } from "../../src/clients/aws.ts";
import { credentialFetch } from "../../src/clients/fetch.ts";
import { icebergOptions, icebergProperties, trinoIcebergProperties } from "../../src/clients/iceberg.ts";
import { neo4jAuth } from "../../src/clients/neo4j.ts";
import { testHost } from "../../src/testing/mod.ts";

// Hint: `deno check` runs these tests, since an unused `@ts-expect-error` is an error.
const resolver = createResolver(chain, testHost());

Deno.test("each adapter has the type that its client takes, on the shipped chain", () => {
  const credentials: NonNullable<S3ClientConfig["credentials"]> = awsCredentials(resolver, "minio:sts");
  const auth: AuthTokenManager = neo4jAuth(resolver, "neo4j:basic");
  const { fetch: own }: Pick<IcebergRestCatalogOptions, "fetch"> = icebergOptions(resolver, "iceberg:rest");
  const send: typeof fetch = credentialFetch(resolver, "polaris:rest");
  const client: () => Promise<AwsClient> = aws4fetch(resolver, "minio:static", (keys) => new AwsClient(keys));
  const properties: () => Promise<Readonly<Record<string, string | undefined>>> = async () => ({
    ...await icebergProperties(resolver, "polaris:rest"),
  });
  const catalog: () => Promise<Readonly<Record<string, string | undefined>>> = async () => ({
    ...await trinoIcebergProperties(resolver, "polaris:rest"),
  });
  const user: typeof fetch = credentialFetch(resolver, "trino:basic", {
    header: (credential) => ["x-trino-user", credential.get("user")],
    default: { user: "reader" },
  });
  const made = [credentials, auth.getToken, own, send, client, properties, catalog, user];
  assertEquals(new Set(made.map((one) => typeof one)), new Set(["function"]));
});

Deno.test("neo4jAuth() takes a user with a password, a token, and a credential that may have either", () => {
  const chain = defineChain({
    stores: { env: env({ priority: 100 }) },
    credentials: {
      "graph:basic": { fields: { user: required(), password: required() }, from: { env: { prefix: "BASIC_" } } },
      "graph:bearer": { fields: { token: required() }, from: { env: { prefix: "BEARER_" } } },
      "graph:optional": { fields: { token: optional() }, from: { env: { prefix: "OPTIONAL_" } } },
      "graph:owned": { fields: { user: required(), token: required() }, from: { env: { prefix: "OWNED_" } } },
      "graph:either": {
        fields: { user: optional(), password: optional(), token: optional() },
        anyOf: ["password", "token"],
        from: { env: { prefix: "EITHER_" } },
      },
    },
  });
  const resolver = createResolver(chain, testHost());
  const managers: AuthTokenManager[] = [
    neo4jAuth(resolver, "graph:basic"),
    neo4jAuth(resolver, "graph:bearer"),
    neo4jAuth(resolver, "graph:optional"),
    neo4jAuth(resolver, "graph:owned"),
    neo4jAuth(resolver, "graph:either", { default: { token: "fake" } }),
  ];
  assertEquals(managers.length, 5);
});

Deno.test("a credential without a field that its client needs does not compile", () => {
  const wrong = [
    // @ts-expect-error -- it has a token but no keys.
    () => awsCredentials(resolver, "polaris:rest"),
    // @ts-expect-error -- the chain has no such credential.
    () => awsCredentials(resolver, "minio:stss"),
    // @ts-expect-error -- it has an id and a secret but no keys.
    () => aws4fetch(resolver, "polaris:oauth", (keys) => new AwsClient(keys)),
    // @ts-expect-error -- it has a user but no password.
    () => neo4jAuth(resolver, "trino:basic"),
    // @ts-expect-error -- it has keys, but no user with a password, and no token.
    () => neo4jAuth(resolver, "minio:static"),
    // @ts-expect-error -- it has keys but no token.
    () => icebergOptions(resolver, "minio:static"),
    // @ts-expect-error -- it has an id and a secret, which are not catalog properties.
    () => icebergProperties(resolver, "polaris:oauth"),
    // @ts-expect-error -- it has an id and a secret, which are not catalog properties.
    () => trinoIcebergProperties(resolver, "polaris:oauth"),
    // @ts-expect-error -- a token cannot be refused by the name of a status.
    () => icebergOptions(resolver, "polaris:rest", { refreshOn: ["401"] }),
    // @ts-expect-error -- it has no token.
    () => credentialFetch(resolver, "neo4j:basic"),
    // @ts-expect-error -- it has no token, and no header is given.
    () => credentialFetch(resolver, "neo4j:basic", { refreshOn: [403] }),
    // @ts-expect-error -- it has no such field.
    () => credentialFetch(resolver, "neo4j:basic", { header: (cred) => ["x-key", cred.get("api_key")] }),
    // @ts-expect-error -- a default is a complete identity.
    () => awsCredentials(resolver, "minio:static", { default: { access_key: "fake" } }),
    // @ts-expect-error -- a default has no other fields.
    () => neo4jAuth(resolver, "neo4j:basic", { default: { user: "fake", pass: "fake" } }),
    // @ts-expect-error -- a client outlives any signal.
    () => neo4jAuth(resolver, "neo4j:basic", { signal: AbortSignal.abort() }),
  ];
  assertEquals(wrong.length, 15);
});
