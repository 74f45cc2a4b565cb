/**
 * Stores of AWS: the keys that a machine has by itself, the secrets of Secrets Manager, and the parameters of Parameter
 * Store.
 *
 * Use them where a program runs on AWS, or reads its secrets there: the last two take their keys from any store of the
 * chain.
 *
 * More: [AWS](https://github.com/alphaswarm/credentials/blob/main/src/stores/aws/README.md).
 *
 * @example Secrets by the keys of the machine
 * ```ts
 * import { defineChain, fromEnv, optional, required } from "@alphaswarm/credentials";
 * import { awsRuntime, parameterStore, secretsManager } from "@alphaswarm/credentials/aws";
 *
 * const region = fromEnv("AWS_REGION");
 * const chain = defineChain({
 *   stores: {
 *     sm: secretsManager({ priority: 300, region, credentials: "aws:keys" }),
 *     ps: parameterStore({ priority: 200, region, credentials: "aws:keys" }),
 *     machine: awsRuntime({ priority: 100 }),
 *   },
 *   credentials: {
 *     "aws:keys": {
 *       fields: {
 *         access_key: required(),
 *         secret_key: required(),
 *         session_token: optional(),
 *       },
 *       from: { machine: true },
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
export { awsRuntime, type AwsRuntimeOptions } from "./aws_runtime.ts";
export { secretsManager, type SecretsManagerOptions } from "./secrets_manager.ts";
export { parameterDocument } from "./parameter_document.ts";
export { parameterStore } from "./parameter_store.ts";
export type { AwsOptions } from "./server.ts";
