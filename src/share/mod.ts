/**
 * One token for all machines of a fleet: engines for the option `share` of a token store.
 *
 * Use it where many processes ask an authorization server for the same token. The first one that needs it obtains it,
 * and the others take it from an engine that all of them reach. What is there is sealed: neither the engine nor who
 * reads it learns a token, and who has another login gets another name. Where the engine does not answer, each machine
 * obtains its own token, as without it.
 *
 * More: [One token for a fleet](https://github.com/alphaswarm/credentials/blob/main/src/share/README.md).
 *
 * @example An engine in memory, to see how it fits in
 * ```ts
 * import { defineChain, env, fromEnv, required } from "@alphaswarm/credentials";
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 * import { defineEngine } from "@alphaswarm/credentials/share";
 *
 * // The machines are here parts of one process: an engine that machines reach is asked over the network.
 * const texts = new Map<string, string>();
 * const inProcess = defineEngine({
 *   kind: "in-process",
 *   open: () => ({
 *     get: (name) => Promise.resolve({ now: Date.now(), text: texts.get(name), version: texts.get(name) }),
 *     swap: (name, before, text) => {
 *       if (texts.get(name) !== before) return Promise.resolve(undefined);
 *       texts.set(name, text);
 *       return Promise.resolve(text);
 *     },
 *   }),
 * });
 *
 * const chain = defineChain({
 *   stores: {
 *     m2m: oauth2({
 *       priority: 300,
 *       tokenEndpoint: fromEnv("TOKEN_URL"),
 *       client: "m2m:client",
 *       share: inProcess({ seal: "fleet:seal" }),
 *     }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "m2m:client": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { env: { prefix: "M2M_" } },
 *     },
 *     "fleet:seal": { fields: { key: required() }, from: { env: { fields: { key: "FLEET_SEAL" } } } },
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } } },
 *     },
 *   },
 * });
 * console.log(chain.stores.m2m.needs); // ["m2m:client", "fleet:seal"]
 * ```
 *
 * @module
 */
export { defineEngine, type EngineFactory, type EngineSpec } from "./define/define_engine.ts";
export {
  durableObject,
  type DurableObjectOptions,
  type ObjectAnswer,
  type ObjectNamespace,
} from "./engines/durable_object.ts";
export { postgres, type PostgresConnection, type PostgresOptions } from "./engines/postgres.ts";
export { redis, type RedisConnection, type RedisOptions } from "./engines/redis.ts";
export { type ObjectStorage, TokenRegister } from "./engines/token_register.ts";
export type {
  EngineState,
  OpenRegister,
  Register,
  Registered,
  Share,
  ShareDescription,
  ShareOptions,
} from "../core/chain/share.ts";
export type { Shared } from "../core/chain/outcome.ts";
