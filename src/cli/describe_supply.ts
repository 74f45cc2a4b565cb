import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { grouped } from "../report/guidance/grouped.ts";
import type { Hints } from "../report/guidance/hints.ts";
import type { Style } from "./style.ts";
import { type Way, waysToSupply } from "../report/guidance/ways.ts";
import { labelled, type Place, wrap } from "./wrap.ts";

/**
 * Formats the ways to supply credentials that no store has.
 *
 * @param missing The credentials.
 * @param description The description that they are part of.
 * @param hints What is known about the chain besides the description.
 * @param style How it is formatted.
 * @returns The lines, joined; credentials with the same ways are named together.
 */
export function supplyText(
  missing: readonly CredentialDescription[],
  description: ChainDescription,
  hints: Hints,
  style: Style,
): string {
  const groups = grouped(missing, (credential) => waysToSupply(credential, description, hints));
  const told = new Map<string, string>();
  const label = labelWidth(groups.flatMap(({ told }) => told));
  return groups.map(({ keys, told: ways }) => {
    const [own, others] = [[] as Way[], [] as string[]];
    for (const way of ways) {
      const id = JSON.stringify(way);
      if (way.names === undefined) others.push(`switch ${way.store} on`);
      else if (told.has(id)) others.push(`as for ${told.get(id)} in ${way.store}`);
      else own.push(way);
      if (!told.has(id)) told.set(id, keys[0]!);
    }
    return groupText({ keys, own, others }, style, label);
  }).join("\n");
}

interface Group {
  readonly keys: readonly string[];
  /** The ways that were not shown before. */
  readonly own: readonly Way[];
  /** The ways that are shown elsewhere. */
  readonly others: readonly string[];
}

function groupText({ keys, own, others }: Group, { paint, width }: Style, label: number): string {
  const heading = keys.join(", ");
  const prefix = `  ${heading}: `;
  const fits = (text: string) => prefix.length + text.length <= width;
  const beside = (text: string) => `  ${paint("strong", heading)}: ${paint("faint", text)}`;
  const [way, ...more] = own;
  if (own.length > 0 && others.length === 0) {
    const lines = wayLines(own, { indent: " ".repeat(prefix.length), label, width });
    if (lines.every((line) => !line.includes("\n"))) {
      return [`  ${paint("strong", heading)}: ${lines[0]!.slice(prefix.length)}`, ...lines.slice(1)].join("\n");
    }
  }
  const told = others.join(way ? ", " : ", or ");
  if (way && told && more.length === 0) {
    const whole = `${told}, or in ${way.store}: ${way.names}`;
    if (fits(whole)) return beside(whole);
  }
  const above = way && told ? `${told}, or` : told;
  return [
    ...above && fits(above)
      ? [beside(above)]
      : [paint("strong", wrap(heading, width, "  ")), ...above ? [wrap(above, width, "    ")] : []],
    ...wayLines(own, { indent: "    ", label, width }),
  ].join("\n");
}

/** Returns the width of the labels of ways, in characters. */
export function labelWidth(ways: readonly Way[]): number {
  return Math.max(0, ...ways.filter(({ names }) => names !== undefined).map(({ store }) => store.length));
}

/** Formats ways, each with its store. */
export function wayLines(ways: readonly Way[], place: Place): readonly string[] {
  return ways.map(({ store, names }) => labelled(store, names ?? "switch it on", place));
}
