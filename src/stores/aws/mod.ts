/**
 * Stores of AWS: the secrets of Secrets Manager, and the parameters of Parameter Store.
 *
 * @example
 * ```ts
 * import { defineChain, env, fromEnv, required } from "@alphaswarm/credentials";
 * import { parameterStore, secretsManager } from "@alphaswarm/credentials/aws";
 *
 * const region = fromEnv("AWS_REGION");
 * const chain = defineChain({
 *   stores: {
 *     sm: secretsManager({ priority: 300, region, credentials: "aws:keys" }),
 *     ps: parameterStore({ priority: 200, region, credentials: "aws:keys" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "aws:keys": {
 *       fields: { access_key: required(), secret_key: required() },
 *       from: { env: { fields: { access_key: "AWS_ACCESS_KEY_ID", secret_key: "AWS_SECRET_ACCESS_KEY" } } },
 *     },
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { sm: "prod/neo4j", ps: { prefix: "/prod/neo4j/" } },
 *     },
 *   },
 * });
 * ```
 *
 * @module
 */
export { secretsManager, type SecretsManagerOptions } from "./secrets_manager.ts";
export { parameterDocument } from "./parameter_document.ts";
export { parameterStore } from "./parameter_store.ts";
export type { AwsOptions } from "./server.ts";
