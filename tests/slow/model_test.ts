/**
 * Whatever happens around a chain, its walks and what is held of it follow the rules, as a model that was written from them
 * has it.
 */
import { assertGreaterOrEqual } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { declarations } from "../support/model/chains.ts";
import { Episode } from "../support/model/episode.ts";
import { operations } from "../support/model/operations.ts";

/** How many steps are compared. */
const STEPS = 200_000;
/** How many steps a chain lives at most. */
const STEPS_OF_EPISODE = 200;

const episodes = fc.record({
  decl: declarations,
  steps: fc.array(operations, { maxLength: STEPS_OF_EPISODE, size: "max" }),
});

Deno.test("whatever happens around a chain, every caller gets what the rules of the walk and of freshness say", async () => {
  const seed = Deno.env.get("FUZZ_SEED");
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(episodes, async ({ decl, steps: all }) => {
      const episode = new Episode(decl);
      for (const operation of all) await episode.step(operation);
      steps += all.length;
    }),
    { numRuns: STEPS / STEPS_OF_EPISODE * 2.6, ...(seed === undefined ? {} : { seed: Number(seed) }) },
  );
  assertGreaterOrEqual(steps, STEPS);
});
