import type { ChainDescription, ReferenceDescription, StoreDescription } from "../core/engine/describe.ts";
import { shareText } from "../report/share_text.ts";
import { UNREADABLE, writtenOptions } from "../report/written_options.ts";
import type { Directories } from "../report/guidance/directories.ts";
import type { Hints } from "../report/guidance/hints.ts";
import type { Style, Tone } from "./style.ts";
import { withoutControls } from "./quoted.ts";
import { GAP, labelled, longestWord, wrap } from "./wrap.ts";

const TONES: Readonly<Record<StoreDescription["state"], Tone>> = { on: "good", off: "faint", invalid: "bad" };

/** Names, or a text that says more, with what they are for. */
interface Purpose {
  readonly label: string;
  readonly names: readonly string[];
}

/**
 * Formats the stores of a description, highest priority first, with the variables that may be set for each.
 *
 * @param description The description.
 * @param hints What is known about the chain besides the description.
 * @param style How it is formatted.
 * @returns The lines, joined.
 */
export function storesText({ stores }: ChainDescription, hints: Hints, style: Style): string {
  const rows = stores.map(({ state, name, kind, priority }) => [state, name, kind, String(priority)]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((row) => row[at]!.length)));
  return stores.map((store, row) => {
    const cells = rows[row]!.map((text, at) => at === 3 ? text.padStart(widths[at]!) : text.padEnd(widths[at]!));
    const prefix = `  ${cells.join("  ")}  `;
    const share = shareText(store);
    const purposes = [
      ...writtenOptions(store).map(([label, value]) => ({ label, names: [withoutControls(value)] })),
      ...share ? [{ label: "share", names: [share] }] : [],
      ...purposesOf(store, hints),
    ];
    const details = detailsOf(store, hints);
    const beside = purposes.filter(({ label, names }) => {
      const joined = [...details, `${label}: ${names.join(", ")}`];
      if (prefix.length + joined.join("; ").length > style.width) return false;
      details.splice(0, Infinity, ...joined);
      return true;
    });
    const detail = details.join("; ");
    const isNarrow = longestWord(detail) > style.width - prefix.length;
    const lines = isNarrow
      ? wrap([...rows[row]!, detail].join("  "), style.width, "  ", "      ")
      : wrap(detail, style.width, prefix);
    const tones = [TONES[store.state], "strong"] as const;
    const painted = cells.map((cell, at) => tones[at] ? style.paint(tones[at], cell) : cell);
    return [
      lines.replace(prefix, () => `  ${painted.join("  ")}  `).trimEnd(),
      ...purposeLines(purposes.filter((purpose) => !beside.includes(purpose)), style.width),
    ].join("\n");
  }).join("\n");
}

function detailsOf(store: StoreDescription, { switches, directories }: Hints): string[] {
  const { name, reason, installed } = store;
  const unset = unsetDirectory(store, directories);
  return [
    ...reason && !(name in switches) ? [reason] : [],
    ...unset
      ? [`${directories[name]}, or ${unset.variable}`]
      : isWritten(store, directories)
      ? [directories[name]!]
      : [],
    ...installed ? ["installed"] : [],
  ];
}

/** Returns the variable of a store's directory, if it is not set and the store uses a known directory instead. */
function unsetDirectory(
  { name, state, references }: StoreDescription,
  directories: Directories,
): ReferenceDescription | undefined {
  if (state !== "on" || !directories[name]) return undefined;
  return references.find(({ option, set, unreadable }) => option === "directory" && !set && !unreadable);
}

/** Whether the chain itself names the directory of a store. */
function isWritten({ name, references }: StoreDescription, directories: Directories): boolean {
  return directories[name] !== undefined && references.every(({ option }) => option !== "directory");
}

/** What the options of the built-in stores are for. */
const PURPOSES: ReadonlyMap<string, string> = new Map([
  ["tokenEndpoint", "endpoint"],
  ["issuer", "endpoint"],
  ["authentication", "client"],
  ["share", "principal"],
  ...["scope", "audience", "resource", "resourceParameter", "parameters", "headers"].map((option) =>
    [option, "request"] as const
  ),
]);

/** Groups the variables of a store by what they are for, without those that are named in the reason why it is not on. */
function purposesOf(store: StoreDescription, hints: Hints): readonly Purpose[] {
  const { directories, plan, isSet } = hints;
  const { name, kind, shape, references } = store;
  const needed = new Set(plan?.stores.flatMap(({ store }) => store.needs));
  const told = [...hints.switches[name]?.steps.map(({ variables }) => variables) ?? [], ...hints.lacking[name] ?? []]
    .flat();
  const groups = new Map<string, Set<string>>();
  const add = (label: string, name: string) => groups.set(label, (groups.get(label) ?? new Set()).add(name));
  const detailed = unsetDirectory(store, directories);
  for (const reference of references) {
    const { option, variable } = reference;
    if (reference === detailed || option === "enabled" || told.includes(variable)) continue;
    const path = option.replace(/^credentials\[".*"\]\./, "").split(".")[0]!;
    add(PURPOSES.get(path) ?? path, `${variable}${stateOf(reference)}`);
  }
  if (shape !== "variables") return asPurposes(groups);
  for (const { key, fields, required, anyOf, sources } of plan?.credentials.values() ?? []) {
    const source = sources.find(({ store }) => store.name === name);
    fields.forEach(({ presence }, at) => {
      const variable = source?.reader.names[at];
      if (variable === undefined || required.includes(at) || anyOf.includes(at)) return;
      const state = kind === "env" && isSet?.(variable) ? " (set)" : "";
      add(presence === "destination" ? "addresses" : needed.has(key) ? key : "optional", `${variable}${state}`);
    });
  }
  return asPurposes(groups);
}

function asPurposes(groups: ReadonlyMap<string, ReadonlySet<string>>): readonly Purpose[] {
  return [...groups].map(([label, names]) => ({ label, names: [...names] }));
}

function stateOf({ set, unreadable }: ReferenceDescription): string {
  return unreadable ? ` (${UNREADABLE[unreadable]})` : set ? " (set)" : "";
}

function purposeLines(purposes: readonly Purpose[], width: number): readonly string[] {
  const label = Math.max(0, ...purposes.map(({ label }) => label.length));
  const place = { indent: "    ", label, width };
  return purposes.map(({ label: name, names }) => {
    const room = width - label - "    ".length - GAP.length;
    const [first = "", ...rest] = packed(names, room);
    return [labelled(name, first, place), ...rest.map((line) => labelled("", line, place))].join("\n");
  });
}

/** Puts names into as few lines as possible; each line but the last ends with a comma. */
function packed(names: readonly string[], room: number): readonly string[] {
  const lines: string[] = [];
  for (const name of names) {
    const at = lines.findIndex((line) => line.length + ", ".length + name.length < room);
    if (at < 0) lines.push(name);
    else lines[at] += `, ${name}`;
  }
  return lines.map((line, at) => at < lines.length - 1 ? `${line},` : line);
}
