/**
 * Calls each adapter on the current runtime.
 *
 * @module
 */
import { createResolver, defineChain, memory, required } from "../../../mod.ts";
import { aws4fetch, awsCredentials } from "../../../src/clients/aws.ts";
import { icebergProperties, trinoIcebergProperties } from "../../../src/clients/iceberg.ts";
import { neo4jAuth } from "../../../src/clients/neo4j.ts";

/**
 * Calls each adapter once.
 *
 * @returns The results, in one list.
 */
export async function adapters(): Promise<readonly unknown[]> {
  const values = { access_key: "fake-key", secret_key: "fake-secret", user: "reader", token: "fake-token" };
  const from = { memory: { prefix: "" } };
  const chain = defineChain({
    stores: { memory: memory({ priority: 100, values: { ...values, password: "fake-password" } }) },
    credentials: {
      "s3:static": { fields: { access_key: required(), secret_key: required() }, from },
      "neo4j:basic": { fields: { user: required(), password: required() }, from },
      "polaris:rest": { fields: { token: required() }, from },
    },
  });
  const resolver = createResolver(chain);
  return [
    await awsCredentials(resolver, "s3:static")(),
    await aws4fetch(resolver, "s3:static", (keys) => keys)(),
    await neo4jAuth(resolver, "neo4j:basic").getToken(),
    await neo4jAuth(resolver, "polaris:rest").getToken(),
    await icebergProperties(resolver, "polaris:rest"),
    await trinoIcebergProperties(resolver, "polaris:rest"),
  ];
}
