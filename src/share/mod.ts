export { defineEngine, type EngineFactory, type EngineSpec } from "./define_engine.ts";
export { durableObject, type DurableObjectOptions, type ObjectAnswer, type ObjectNamespace } from "./durable_object.ts";
export { postgres, type PostgresConnection, type PostgresOptions } from "./postgres.ts";
export { redis, type RedisConnection, type RedisOptions } from "./redis.ts";
export { type ObjectStorage, TokenRegister } from "./token_register.ts";
export type {
  EngineState,
  OpenRegister,
  Register,
  Registered,
  Share,
  Shared,
  ShareDescription,
  ShareOptions,
} from "../core/chain/share.ts";
