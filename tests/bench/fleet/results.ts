import { DAY_HOURS, type Scene, SCENES } from "./scenes.ts";
import { type Figures, simulate } from "./simulate.ts";

/** How many isolates there are in a fleet. */
export const SIZES = [1, 10, 100, 1_000, 10_000, 100_000] as const;

/** What fleets of one size did in a scene, without `share` and with it. */
export interface SizeResult {
  readonly size: number;
  /** Over how many simulations the figures are the mean; of peaks and the longest wait they are the greatest. */
  readonly runs: number;
  readonly alone: Figures;
  readonly shared: Figures;
}

/** What fleets did in a scene. */
export interface SceneResult extends Pick<Scene, "name" | "what" | "text"> {
  readonly sizes: readonly SizeResult[];
}

/** Simulates fleets in every scene; always with the same random numbers. */
export function simulateAll(sizes: readonly number[], tell: (progress: string) => void = () => {}): SceneResult[] {
  return SCENES.map((scene) => {
    const { name, what, text } = scene;
    const results = sizes.map((size) => {
      tell(`${what}: ${size}`);
      return simulateSize(scene, size);
    });
    return { name, what, text, sizes: results };
  });
}

function simulateSize(scene: Scene, size: number): SizeResult {
  // Hint: what a few isolates do depends much on chance.
  const runs = Math.max(1, Math.min(100, Math.floor(1_000 / size)));
  const of = (isShared: boolean) =>
    summarize(Array.from({ length: runs }, (_, seed) => simulate(scene, size, isShared, seed + 1)));
  return { size, runs, alone: of(false), shared: of(true) };
}

function summarize(all: readonly Figures[]): Figures {
  const names = Object.keys(all[0]!) as (keyof Figures)[];
  const summary = names.map((name) => {
    const values = all.map((figures) => figures[name]);
    const isGreatest = name.endsWith("Peak") || name === "longestWait";
    return [name, isGreatest ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0) / all.length];
  });
  return Object.fromEntries(summary);
}

/** Says what figures do not keep of what sharing promises. */
export function findBroken(results: readonly SceneResult[]): string[] {
  return results.flatMap(({ name, what, sizes }) =>
    sizes.flatMap(({ size, alone, shared }) =>
      PROMISES.filter(({ scene, holds }) => (scene ?? name) === name && !holds(shared, alone, size))
        .map((promise) => `${what}, a fleet of ${size}: ${promise.text}`)
    )
  );
}

interface Promise {
  readonly text: string;
  /** The only scene of which it is promised. */
  readonly scene?: string;
  readonly holds: (shared: Figures, alone: Figures, size: number) => boolean;
}

/** What sharing promises. */
export const PROMISES: readonly Promise[] = [
  {
    text: "no more requests at the server than without `share`",
    holds: (shared, alone) => shared.requests <= alone.requests,
  },
  {
    text: "on average at most one engine read an isolate in 15 s while the server is out",
    holds: ({ outageReads }) => outageReads <= 1,
  },
  {
    text: "1.33 requests an hour, and the one of the cold start",
    scene: "day",
    holds: ({ requests }) => requests <= 1 + DAY_HOURS * 4 / 3,
  },
  {
    text: "one engine read an isolate and token, and none while the token is warm: for 35 of every 45 minutes",
    scene: "day",
    holds: ({ reads, quiet }, _, size) => reads <= size * (1 + DAY_HOURS * 4 / 3) && quiet >= 35,
  },
];
