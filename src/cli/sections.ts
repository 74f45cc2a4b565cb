import type { Style } from "./style.ts";

/** Joins sections that have a text, each under its heading. */
export function sections(all: readonly (readonly [heading: string, text: string])[], { paint }: Style): string {
  return all.filter(([, text]) => text !== "")
    .map(([heading, text]) => heading ? `${paint("strong", heading)}\n${text}` : text).join("\n\n");
}
