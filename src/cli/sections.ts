import type { Style } from "./style.ts";
import { wrap } from "./wrap.ts";

/** A text under its heading; a text without a heading stands by itself. */
type Section = readonly [heading: string, text: string];

/** Joins sections that have a text, each under its heading. */
export function sections(all: readonly Section[], style: Style): string {
  return joined(all, "\n\n", style);
}

/** Joins sections as one, without a line between them. */
export function adjoining(all: readonly Section[], style: Style): string {
  return joined(all, "\n", style);
}

function joined(all: readonly Section[], separator: string, { paint, width }: Style): string {
  return all.filter(([, text]) => text !== "")
    .map(([heading, text]) => heading ? `${paint("strong", wrap(heading, width))}\n${text}` : text).join(separator);
}
