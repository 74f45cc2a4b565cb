import { Fleet } from "../support/scenes/fleet.ts";
import { runScene, type SceneRun } from "../support/scenes/run_scene.ts";
import { runTable } from "../support/scenes/run_table.ts";
import { type EngineKind, engines, scenes } from "../support/scenes/scenes.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

/** How often all scenes are played, by hand; in the suite each is played once. */
const RUNS = Number(Deno.env.get("SCENES_RUNS") ?? 0);
/** The engine that they are played on, by hand. */
const ENGINE = Deno.env.get("SCENES_ENGINE");
/** The short names of those that are played, by hand, with commas between them. */
const NAMES = Deno.env.get("SCENES")?.split(",");

for (const [kind, { title, start, scenes: usual }] of Object.entries(engines)) {
  if (ENGINE !== undefined && ENGINE !== kind) continue;
  const played = NAMES ?? (RUNS > 0 ? Object.keys(scenes) : usual);
  serverTest(
    `eight machines with a thousand callers each ask an OAuth server no more than the rules of sharing say, on ${title}`,
    [kind as EngineKind],
    async (t) => {
      const engine = await start();
      await using fleet = await Fleet.start(engine);
      const runs = new Map<string, SceneRun[]>(played.map((name) => [name, []]));
      for (let run = 0; run < Math.max(RUNS, 1); run++) {
        for (const name of played) {
          const scene = scenes[name];
          if (!scene) throw new Error(`Cannot find the scene "${name}": expected ${Object.keys(scenes).join(", ")}`);
          await t.step(scene.name, async () => {
            const result = await runScene(scene, fleet, engine);
            runs.get(name)!.push(result);
            if (result.failure !== undefined) throw result.failure;
          });
        }
      }
      if (RUNS > 0) console.log(`${runTable(title, runs)}\nmost memory of a machine: ${await fleet.peakMemory()} MB`);
    },
  );
}
