/**
 * One token for all machines of a fleet: engines for the option `share` of a token store.
 *
 * Use it where many processes ask an authorization server for the same token. The first one that needs it obtains it,
 * and the others take it from an engine that all of them reach. Its entries are encrypted: neither the engine nor
 * anyone who reads it learns a token, and machines with different logins use different entries. If the engine does not
 * answer, each machine obtains its own token, as it would without an engine.
 *
 * More: [One token for a fleet](https://github.com/alphaswarm/credentials/blob/main/src/share/README.md).
 *
 * @example One token for all machines, by Upstash
 * ```ts
 * import { defineChain, env, fromEnv, required } from "@alphaswarm/credentials";
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 * import { redis } from "@alphaswarm/credentials/share";
 *
 * const share = redis({
 *   credential: "fleet:redis",
 *   seal: "fleet:seal",
 *   connect: (credential) => {
 *     const url = String(credential?.get("url")); // of Upstash's REST API
 *     const headers = { authorization: `Bearer ${credential?.get("token")}` };
 *     const post = (body: string) => fetch(url, { method: "POST", headers, body });
 *     return { send: async (command) => (await post(JSON.stringify(command))).json() };
 *   },
 * });
 * const chain = defineChain({
 *   stores: {
 *     m2m: oauth2({
 *       priority: 300,
 *       tokenEndpoint: fromEnv("TOKEN_URL"),
 *       client: "m2m:client",
 *       share,
 *     }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "fleet:redis": {
 *       fields: { url: required(), token: required() },
 *       from: { env: { prefix: "FLEET_REDIS_" } },
 *     },
 *     "fleet:seal": {
 *       fields: { key: required() },
 *       from: { env: { prefix: "FLEET_SEAL_" } },
 *     },
 *     "m2m:client": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { env: { prefix: "M2M_" } },
 *     },
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { m2m: { fields: { token: "access_token" } } },
 *     },
 *   },
 * });
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
