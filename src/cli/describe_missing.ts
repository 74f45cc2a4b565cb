import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { groupNames } from "./names.ts";
import type { Places } from "./places.ts";
import type { Paint } from "./style.ts";
import { labelled, MAX_LINE_WIDTH, wrap } from "./wrap.ts";

/**
 * Formats the errors of credentials, and the ways to supply those that no store has.
 *
 * @param description The description.
 * @param places The directories in which stores keep their documents, by store, where known.
 * @param paint Colours the text.
 * @returns Paragraphs, each after a blank line and a heading; empty if every credential is available.
 */
export function missingParts(description: ChainDescription, places: Places, paint: Paint): readonly string[] {
  const parts = [["Errors", errorsText(description, paint)], [MISSING, missingText(description, places, paint)]];
  return parts.flatMap(([heading, text]) => text ? ["", paint("strong", heading!), text] : []);
}

const MISSING = "To supply the missing credentials, do one of the following for each";

function missingText({ credentials, stores }: ChainDescription, places: Places, paint: Paint): string {
  const missing = credentials.filter(({ last }) => last?.error === "not_found");
  return grouped(missing.map((credential) => [credential.key, waysToSupply(credential, stores, places)]), paint);
}

function errorsText({ credentials }: ChainDescription, paint: Paint): string {
  const failed = credentials.filter(({ last }) => last?.error !== undefined && last.error !== "not_found");
  return grouped(failed.map((credential) => [credential.key, errorLines(credential)]), paint);
}

/** Prints keys that have the same lines under one heading. */
function grouped(entries: readonly (readonly [string, string])[], paint: Paint): string {
  const keys = new Map<string, string[]>();
  for (const [key, lines] of entries) keys.set(lines, [...keys.get(lines) ?? [], key]);
  return [...keys].map(([lines, keys]) => {
    const heads = wrap(keys.join(", "), MAX_LINE_WIDTH, "  ").split("\n").map((line) => paint("strong", line));
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
    if (names.length > 0) return [[name, `${groupNames(names, places[name])}${store.state === "off" ? ONCE_ON : ""}`]];
    return store.state === "off" && store.reason && missing.size === 0 ? [[name, store.reason]] : [];
  });
  const width = Math.max(...ways.map(([name]) => name.length));
  return ways.map(([name, text]) => labelled(name, text, "    ", width)).join("\n");
}

const ONCE_ON = " (once the store is on)";

function errorLines({ last }: CredentialDescription): string {
  const { trace, error, missing = [] } = last!;
  const lines = trace.filter(({ outcome }) => outcome === error).map(({ store, detail }) => {
    const why = missing.length > 0 ? `missing ${groupNames(missing)}` : detail;
    return labelled(store, `${error}${why ? `: ${why}` : ""}`, "    ");
  });
  return lines.join("\n");
}
