import type { Style } from "./style.ts";
import { wrap } from "./wrap.ts";

/** Joins sections that have a text, each under its heading. */
export function sections(all: readonly (readonly [heading: string, text: string])[], { paint, width }: Style): string {
  return all.filter(([, text]) => text !== "")
    .map(([heading, text]) => heading ? `${paint("strong", wrap(heading, width))}\n${text}` : text).join("\n\n");
}
