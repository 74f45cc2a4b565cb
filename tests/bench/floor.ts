import type { Read } from "./peers/layers.ts";
import type { Values } from "./values.ts";

interface Place {
  readonly source: string;
  readonly id: string;
  readonly secret: string;
}

/** What is written by hand: the values, which do not show when it is printed, and which source gave them. */
export interface HandWritten {
  readonly source: string;
  readonly trace: readonly { readonly source: string; readonly outcome: string }[];
  get(name: keyof Values): string | undefined;
}

/** Makes the names of the variables of each prefix, as one writes them by hand. */
export function placesOf(prefixes: readonly string[]): readonly Place[] {
  return prefixes.map((source) => ({ source, id: `${source}CLIENT_ID`, secret: `${source}CLIENT_SECRET` }));
}

/** Finds the first place that has both values, as one writes it by hand. */
export function firstOf(places: readonly Place[], read: Read): HandWritten | undefined {
  const present = (name: string) => {
    const value = read(name);
    return value === undefined || value.trim() === "" ? undefined : value;
  };
  const trace: { source: string; outcome: string }[] = [];
  for (const { source, id, secret } of places) {
    const values = { client_id: present(id), client_secret: present(secret) };
    const found = values.client_id !== undefined && values.client_secret !== undefined;
    trace.push({ source, outcome: found ? "hit" : "miss" });
    if (found) return { source, trace, get: (name) => values[name] };
  }
}
