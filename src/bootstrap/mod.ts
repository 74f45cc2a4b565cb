/**
 * Writes a credential once, where every client will look for it.
 *
 * Use it in a bootstrap step: `ensure` mints a principal if there is none, however many processes start at once, and
 * `persist` writes one that already exists.
 *
 * More: [Bootstrap](https://github.com/alphaswarm/credentials/blob/main/src/bootstrap/README.md).
 *
 * @example A bootstrap step that may be run again
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
 *   // The seed in the environment does not count.
 *   return ensure(getResolver(chain), "polaris:oauth", mint);
 * }
 * ```
 *
 * @module
 */
export { persist, type Persisted, type PersistOptions } from "./persist.ts";
export { ensure, type EnsureOptions } from "./ensure.ts";
