import type { Asked } from "./judge.ts";
import type { Step } from "./outcome.ts";

/**
 * What every source said that was asked.
 *
 * @param asked The sources, in the order asked.
 * @param before The trace of the walk before.
 * @returns The trace; the one before, where every step is the same.
 */
export function traceOf(asked: readonly Asked[], before: readonly Step[]): readonly Step[] {
  const trace = asked.map(stepOf);
  // Hint: to freeze an array costs some engines more than the rest of a walk.
  const same = trace.length === before.length && trace.every((step, at) => step === before[at]);
  return same ? before : Object.freeze(trace);
}

function stepOf({ source, outcome, role, detail, missing, answer: { ms } }: Asked): Step {
  if (ms === undefined && detail === undefined) {
    if (outcome === "miss" && role === "passed") return source.missed;
    if (outcome === "hit" && role === "winner") return source.won;
  }
  return Object.freeze({
    store: source.store.name,
    outcome,
    role,
    ...(ms === undefined ? undefined : { ms }),
    ...(detail === undefined ? undefined : { detail }),
    ...(missing && { missing }),
  });
}
