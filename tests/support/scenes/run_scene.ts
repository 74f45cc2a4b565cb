import type { Fleet } from "./fleet.ts";
import type { SceneEngine } from "./engine.ts";
import type { Scene } from "./scene.ts";

/** What a scene cost once. */
export interface SceneRun {
  readonly requests: number;
  readonly seconds: number;
  /** What was not as it must be. */
  readonly failure?: unknown;
}

/**
 * Runs a scene.
 *
 * @param scene The scene.
 * @param fleet The fleet, whatever an earlier scene left it in.
 * @param engine Its engine.
 * @returns What it cost, and what was wrong; never rejects for what a scene finds.
 */
export async function runScene(scene: Scene, fleet: Fleet, engine: SceneEngine): Promise<SceneRun> {
  const began = performance.now();
  let failure: unknown;
  let counted: number | undefined;
  await fleet.begin();
  try {
    counted = await scene.run(fleet, engine) ?? undefined;
  } catch (error) {
    failure = error;
  }
  const requests = counted ?? await fleet.requests();
  const { least, most } = scene.requests;
  if (requests < least || requests > most) {
    failure ??= new Error(`Expected ${least === most ? most : `${least} to ${most}`} requests, found ${requests}`);
  }
  const seconds = (performance.now() - began) / 1_000;
  return { requests, seconds, ...failure === undefined ? {} : { failure } };
}
