/**
 * Stores of AWS: the keys that a machine has by itself.
 *
 * @example
 * ```ts
 * import { defineChain, required } from "@alphaswarm/credentials";
 * import { awsRuntime } from "@alphaswarm/credentials/aws";
 *
 * const chain = defineChain({
 *   stores: { aws: awsRuntime({ priority: 200 }) },
 *   credentials: {
 *     "aws:keys": {
 *       fields: { access_key: required(), secret_key: required(), session_token: required() },
 *       from: { aws: true },
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
