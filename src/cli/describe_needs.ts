import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { causeOf, type Needed, neededFor } from "../report/needs.ts";
import { statusOf } from "../report/guidance/credential_status.ts";
import type { Hints } from "../report/guidance/hints.ts";
import type { Style } from "./style.ts";
import { GAP, longestWord, wrap } from "./wrap.ts";

/**
 * Formats what the stores of credentials need as a tree: each credential with its state, and below it those that its
 * stores need.
 *
 * @param description The description.
 * @param hints What is known about the chain besides the description.
 * @param style How it is formatted.
 * @returns The lines, joined; nothing if no store needs a credential.
 */
export function needsText(description: ChainDescription, hints: Hints, { paint, width }: Style): string {
  const rows = treeRows(description, (credential) => stateText(credential, description, hints));
  const column = Math.min(MAX_COLUMN, Math.max(...rows.map(({ indent, label }) => indent.length + label.length)));
  return rows.map(({ indent, label, state }) => {
    const first = `${indent}${label}`.padEnd(column) + GAP;
    const room = width - first.length;
    const isWide = room >= Math.min(state.length, MIN_STATE) && longestWord(state) <= room;
    const isBeside = indent.length + label.length <= column && isWide;
    const lines = isBeside
      ? wrap(state, width, first)
      : `${wrap(label, width, indent)}\n${wrap(state, width, `${indent}  `)}`;
    return lines.replace(label, () => paint("strong", label));
  }).join("\n");
}

/** The greatest width of a tree beside which states are printed, in characters. */
const MAX_COLUMN = 48;
/** The least width in which a state is wrapped beside the tree, in characters; with less, it is printed below. */
const MIN_STATE = 24;

/** Returns the indentation of a level of a tree, which ends where lines would get too short. */
export function indentOf(level: number): string {
  return "  ".repeat(Math.min(level, 12) + 1);
}

/** One line of a tree. */
interface Row {
  readonly indent: string;
  /** The credentials, and the stores that need them. */
  readonly label: string;
  readonly state: string;
}

function treeRows(
  description: ChainDescription,
  stateOf: (credential: CredentialDescription) => string,
): readonly Row[] {
  const trees = description.credentials.map((credential) => ({
    credential,
    needs: neededFor(credential, description),
  }));
  const needed = new Set(trees.flatMap(({ needs }) => needs.map(({ credential: { key } }) => key)));
  const told = new Set<string>();
  const below = (needs: readonly Needed[], level: number): readonly Row[] =>
    needs.flatMap(({ stores, credential }) => {
      const label = `${stores.join(", ")} ← ${credential.key}`;
      const indent = indentOf(level);
      const more = neededFor(credential, description);
      if (more.length > 0 && told.has(credential.key)) return [{ indent, label, state: "as above" }];
      told.add(credential.key);
      return [{ indent, label, state: stateOf(credential) }, ...below(more, level + 1)];
    });
  const roots = trees.filter(({ credential: { key }, needs }) => needs.length > 0 && !needed.has(key));
  // Hint: credentials of one store, in one state, have one tree.
  const alike = new Map<string, typeof roots>();
  for (const root of roots) {
    const { credential, needs } = root;
    const tree = JSON.stringify([stateOf(credential), needs.map(({ stores, credential: { key } }) => [stores, key])]);
    alike.set(tree, [...alike.get(tree) ?? [], root]);
  }
  return [...alike.values()].flatMap((group) => [
    {
      indent: indentOf(0),
      label: group.map(({ credential: { key } }) => key).join(", "),
      state: stateOf(group[0]!.credential),
    },
    ...below(group[0]!.needs, 1),
  ]);
}

/** Says the state of a credential; the reason is shown at the need below that is the cause. */
function stateText(credential: CredentialDescription, description: ChainDescription, hints: Hints): string {
  const { word, source, detail } = statusOf(credential, description, hints);
  const state = source === undefined ? word : `${word} from ${source}`;
  return detail && !causeOf(credential, description) ? `${state}: ${detail}` : state;
}
