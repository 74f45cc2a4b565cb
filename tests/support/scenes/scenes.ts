import { brokenScenes } from "./broken.ts";
import type { SceneEngine } from "./engine.ts";
import { forgedScenes } from "./forged.ts";
import { postgresEngine } from "./postgres_engine.ts";
import { redisEngine } from "./redis_engine.ts";
import type { Scene } from "./scene.ts";
import { steadyScenes } from "./steady.ts";

/** All scenes, by their short names. */
export const scenes: Readonly<Record<string, Scene>> = { ...steadyScenes, ...brokenScenes, ...forgedScenes };

/** The kind of an engine. */
export type EngineKind = "redis" | "postgres";

/** The engines: how each is started, and the scenes that the slow suite plays on it. */
export const engines: Readonly<
  Record<
    EngineKind,
    { readonly title: string; readonly start: () => Promise<SceneEngine>; readonly scenes: readonly string[] }
  >
> = {
  redis: { title: "Redis", start: redisEngine, scenes: Object.keys(scenes) },
  postgres: {
    title: "PostgreSQL",
    start: postgresEngine,
    scenes: ["cold", "refused", "owner killed", "emptied", "flipped bit"],
  },
};
