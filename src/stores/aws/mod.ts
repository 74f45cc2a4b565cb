export { secretsManager, type SecretsManagerOptions } from "./secrets_manager.ts";
export { parameterDocument } from "./parameter_document.ts";
export { parameterStore } from "./parameter_store.ts";
export type { AwsOptions } from "./server.ts";
