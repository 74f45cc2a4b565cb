import type { ExplainedWalk, Explanation } from "../report/explain.ts";
import { indentOf } from "./describe_needs.ts";
import { detailOf, type ExplanationContext, fixesOf } from "./explanation.ts";
import type { Style, Tone } from "./style.ts";
import { labelled, wrap } from "./wrap.ts";

/**
 * Formats what the stores of an explained credential need as a tree: each needed credential with what its stores
 * answered, and how to fix it if it is the cause.
 *
 * @param explanation The explanation.
 * @param context What it refers to.
 * @param style How it is formatted.
 * @returns The lines, joined; nothing if its stores need nothing.
 */
export function explainedNeedsText(explanation: Explanation, context: ExplanationContext, style: Style): string {
  const { needs = [] } = explanation;
  const told = new Set<string>();
  const below = ({ trace }: ExplainedWalk, level: number): readonly string[] =>
    needs.flatMap((need) => {
      const indent = indentOf(level);
      const stores = trace.filter(({ store }) => need.neededBy.includes(store)).map(({ store }) => store);
      if (stores.length === 0) return [];
      const name = `${stores.join(", ")} ← ${need.key}`;
      if (told.has(need.key)) return [wrap(`${name}: as above`, style.width, indent)];
      told.add(need.key);
      const { tone, state } = stateOf(need);
      return [
        style.paint(tone, wrap(`${name}: ${state}`, style.width, indent)),
        ...stepLines(need, context, { indent: `${indent}  `, width: style.width }),
        ...below(need, level + 1),
      ];
    });
  return below(explanation, 0).join("\n");
}

function stateOf({ source, degraded, error }: ExplainedWalk): { readonly tone: Tone; readonly state: string } {
  if (source !== null) {
    return degraded ? { tone: "warn", state: `degraded from ${source}` } : { tone: "good", state: `ok from ${source}` };
  }
  return error === undefined
    ? { tone: "faint", state: "not asked" }
    : { tone: "bad", state: error === "not_found" ? "missing" : error };
}

function stepLines(
  walk: ExplainedWalk,
  context: ExplanationContext,
  place: { readonly indent: string; readonly width: number },
): readonly string[] {
  const found = walk.trace.flatMap((step): readonly (readonly [string, string])[] => {
    const detail = detailOf(step, walk, context).replaceAll("\n", "; ");
    if (step.role === "winner" && detail === "") return [];
    const outcome = walk.unknown?.includes(step.store) ? "not asked" : step.outcome;
    return [[step.store, detail === "" ? outcome : `${outcome}: ${detail}`]];
  });
  const lines = [...found, ...[...fixesOf(walk, context).values()].map((text) => ["fix", text] as const)];
  const label = Math.max(0, ...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => labelled(name, text, { ...place, label }));
}
