export { defineEngine, type EngineFactory, type EngineSpec } from "./define_engine.ts";
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
