import type { ChainDescription, CredentialDescription } from "../describe.ts";
import { groupNames } from "./names.ts";
import type { Places } from "./places.ts";
import type { Paint } from "./style.ts";
import { labelled, WIDTH, wrap } from "./wrap.ts";

/**
 * What keeps credentials from being given, and what would supply those that no store has.
 *
 * @param description The description.
 * @param places Where stores keep their documents, where that is known.
 * @param paint Colours it.
 * @returns Paragraphs, each with a blank line and a heading before it; none where all is well.
 */
export function missingParts(description: ChainDescription, places: Places, paint: Paint): readonly string[] {
  const parts = [[TROUBLE, troubleText(description, paint)], [MISSING, missingText(description, places, paint)]];
  return parts.flatMap(([heading, text]) => text ? ["", paint("strong", heading!), text] : []);
}

const TROUBLE = "What stands in the way";
const MISSING = "What is missing, and how to supply it: any one line is enough";

function missingText({ credentials, stores }: ChainDescription, places: Places, paint: Paint): string {
  const missing = credentials.filter(({ last }) => last?.error === "not_found");
  return grouped(missing.map((credential) => [credential.key, waysToSupply(credential, stores, places)]), paint);
}

function troubleText({ credentials }: ChainDescription, paint: Paint): string {
  const troubled = credentials.filter(({ last }) => last?.error !== undefined && last.error !== "not_found");
  return grouped(troubled.map((credential) => [credential.key, troubles(credential)]), paint);
}

/** Keys with the same lines stand together. */
function grouped(entries: readonly (readonly [string, string])[], paint: Paint): string {
  const keys = new Map<string, string[]>();
  for (const [key, lines] of entries) keys.set(lines, [...keys.get(lines) ?? [], key]);
  return [...keys].map(([lines, keys]) => {
    const heads = wrap(keys.join(", "), WIDTH, "  ").split("\n").map((line) => paint("strong", line));
    return [...heads, ...lines ? [lines] : []].join("\n");
  }).join("\n");
}

function waysToSupply(
  { last, from }: CredentialDescription,
  stores: ChainDescription["stores"],
  places: Places,
): string {
  const missing = new Set(last!.missing);
  const ways = from.flatMap(({ store: name, reads }): readonly (readonly [string, string])[] => {
    const store = stores.find((store) => store.name === name)!;
    const names = store.shape === "token" ? [] : reads.filter((read) => missing.has(read));
    if (names.length > 0) return [[name, `${groupNames(names, places[name])}${store.state === "off" ? OFF : ""}`]];
    return store.state === "off" && store.reason && missing.size === 0 ? [[name, store.reason]] : [];
  });
  const width = Math.max(...ways.map(([name]) => name.length));
  return ways.map(([name, text]) => labelled(name, text, "    ", width)).join("\n");
}

const OFF = " (once the store is on)";

function troubles({ last }: CredentialDescription): string {
  const { trace, error, missing = [] } = last!;
  const lines = trace.filter(({ outcome }) => outcome === error).map(({ store, detail }) => {
    const why = missing.length > 0 ? `lacks ${groupNames(missing)}` : detail;
    return labelled(store, `${error}${why ? `: ${why}` : ""}`, "    ");
  });
  return lines.join("\n");
}
