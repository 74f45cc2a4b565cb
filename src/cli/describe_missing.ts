import type { ChainDescription, CredentialDescription } from "../describe.ts";
import { groupNames } from "./names.ts";
import type { Paint } from "./style.ts";
import { WIDTH, wrap } from "./wrap.ts";

/** Where each store keeps its documents, as the chain writes it. */
export type Places = Readonly<Record<string, string>>;

/**
 * What nobody serves, and what would mend it.
 *
 * @param description The description.
 * @param places Where stores keep their documents, where that is known.
 * @param paint Colours it.
 * @returns The lines, joined; nothing where all is served.
 */
export function missingText({ credentials, stores }: ChainDescription, places: Places, paint: Paint): string {
  const kinds = new Map(stores.map(({ name, kind }) => [name, kind]));
  const off = new Set(stores.filter(({ state }) => state === "off").map(({ name }) => name));
  return credentials.filter(({ last }) => last?.error !== undefined).map((credential) => {
    const ways = credential.last!.error === "not_found"
      ? waysToSupply(credential, off, places)
      : troubles(credential, kinds);
    return [wrap(credential.key, WIDTH, "  "), ...ways].map((line, at) => at === 0 ? paint("strong", line) : line)
      .join("\n");
  }).join("\n");
}

function waysToSupply(
  { last, from }: CredentialDescription,
  off: ReadonlySet<string>,
  places: Places,
): readonly string[] {
  const missing = new Set(last!.missing);
  const ways = from.map(({ store, reads }) => ({ store, names: reads.filter((name) => missing.has(name)) }))
    .filter(({ names }) => names.length > 0);
  const width = Math.max(...ways.map(({ store }) => store.length));
  return ways.map(({ store, names }) => {
    const text = `${groupNames(names, places[store])}${off.has(store) ? " (once the store is on)" : ""}`;
    return wrap(text, WIDTH, `    ${store.padEnd(width)}  `);
  });
}

function troubles({ last }: CredentialDescription, kinds: ReadonlyMap<string, string>): readonly string[] {
  const { trace, error, missing = [] } = last!;
  return trace.filter(({ outcome }) => outcome === error).map(({ store, detail }) => {
    const names = missing.length > 0 ? `: expected ${groupNames(missing)}` : "";
    return wrap(
      `${store} (${kinds.get(store)}) is ${error}${detail ? `: ${detail}` : ""}${names}`,
      WIDTH,
      "    ",
      "      ",
    );
  });
}
