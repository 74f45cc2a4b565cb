export { defineEngine, type EngineFactory, type EngineSpec } from "./define_engine.ts";
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
