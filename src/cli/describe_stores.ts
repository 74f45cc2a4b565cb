import type { ReferenceDescription, StoreDescription } from "../core/engine/describe.ts";
import type { Paint, Tone } from "./style.ts";
import { table } from "./table.ts";

const TONES: Readonly<Record<StoreDescription["state"], Tone>> = { on: "good", off: "faint", invalid: "bad" };

/**
 * Formats the stores of a description as a table, highest priority first.
 *
 * @param stores The stores.
 * @param paint Colours the text.
 * @returns The lines, joined.
 */
export function storesTable(stores: readonly StoreDescription[], paint: Paint): string {
  const columns = [
    { head: "PRIORITY", align: "right" as const },
    { head: "STORE", maxWidth: 16 },
    { head: "KIND", maxWidth: 12 },
    { head: "STATE" },
    { head: "DETAIL" },
  ];
  const rows = stores.map((store) => [
    { text: String(store.priority) },
    { text: store.name, tone: (text: string) => paint("strong", text) },
    { text: store.kind },
    { text: store.state, tone: (text: string) => paint(TONES[store.state], text) },
    { text: detailOf(store) },
  ]);
  return table(columns, rows, paint);
}

const UNREADABLE = { denied: "may not be read", invalid: "is not text", unavailable: "cannot be read" } as const;

function stateOf({ set, unreadable }: ReferenceDescription): string {
  return unreadable ? UNREADABLE[unreadable] : set ? "set" : "not set";
}

function detailOf({ state, reason, installed, references }: StoreDescription): string {
  // Hint: most variables that are not set are for what may be left out.
  const matters = ({ option, variable, set, unreadable }: ReferenceDescription) =>
    state === "on" || option !== "enabled" && (set || unreadable || reason?.includes(variable));
  const variables = references.filter(matters)
    .map((reference) => `${reference.option}: ${reference.variable} (${stateOf(reference)})`);
  return [...reason ? [reason] : [], ...installed ? ["installed"] : [], ...variables].join("\n");
}
