/**
 * Writes a credential once, where every client will look for it: what a bootstrap step does with the principal that it
 * mints.
 *
 * @example
 * ```ts
 * import { defineChain, env, file, getResolver, required } from "@alphaswarm/credentials";
 * import { ensure } from "@alphaswarm/credentials/bootstrap";
 *
 * const chain = defineChain({
 *   stores: {
 *     file: file({ priority: 200, directory: "data/bootstrap" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "polaris:oauth": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { file: "polaris-principal.json", env: { prefix: "POLARIS_" } },
 *     },
 *   },
 * });
 *
 * function bootstrap(mint: () => Promise<{ client_id: string; client_secret: string }>) {
 *   return ensure(getResolver(chain), "polaris:oauth", mint); // the seed in the environment does not count
 * }
 * ```
 *
 * @module
 */
export { persist, type Persisted, type PersistOptions } from "./persist.ts";
export { ensure, type EnsureOptions } from "./ensure.ts";
