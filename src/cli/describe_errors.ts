import { list } from "../core/chain/errors.ts";
import type { Step } from "../core/chain/outcome.ts";
import type { ChainDescription, CredentialDescription, StoreDescription } from "../core/engine/describe.ts";
import type { Hints } from "./hints.ts";
import { groupNames, inDirectory } from "./names.ts";
import type { Style } from "./style.ts";
import { labelled } from "./wrap.ts";

type Line = readonly [label: string, text: string];

/**
 * Formats why credentials cannot be given by a store that has them, and how to fix it.
 *
 * @param failed The credentials, whose last walks ended with an error.
 * @param description The description that they are part of.
 * @param hints What is known of the chain beside the description.
 * @param style How it is formatted.
 * @returns The lines, joined; credentials with the same error are named together.
 */
export function errorsText(
  failed: readonly CredentialDescription[],
  description: ChainDescription,
  hints: Hints,
  style: Style,
): string {
  const groups = new Map<string, { readonly keys: string[]; readonly lines: readonly Line[] }>();
  for (const credential of failed) {
    const lines = errorLines(credential, description, hints);
    const id = JSON.stringify(lines);
    groups.set(id, { keys: [...groups.get(id)?.keys ?? [], credential.key], lines });
  }
  const all = [...groups.values()];
  const label = Math.max("fix".length, ...all.flatMap(({ lines }) => lines.map(([label]) => label.length)));
  return all.flatMap(({ keys, lines }) => [
    style.paint("bad", labelled("error", keys.join(", "), { indent: "  ", label: label + 2, width: style.width })),
    ...lines.map(([name, text]) =>
      text.split("\n").map((line, at) =>
        labelled(at === 0 ? name : "", line, { indent: "    ", label, width: style.width })
      ).join("\n")
    ),
  ]).join("\n");
}

function errorLines(
  { from, last }: CredentialDescription,
  { stores }: ChainDescription,
  { directories, unmet }: Hints,
): readonly Line[] {
  const { trace, error, missing = [] } = last!;
  return trace.filter(({ outcome }) => outcome === error).flatMap((step): readonly Line[] => {
    const { store: name, detail = "" } = step;
    const at = from.findIndex(({ store }) => store === name);
    const store = stores.find((store) => store.name === name);
    const below = from.slice(at + 1).map(({ store }) => store)
      .filter((name) => stores.some((store) => store.name === name && store.state === "on"));
    const found = inDirectory(detail, from[at]?.reads ?? [], directories[name]);
    // Hint: a detail that begins with a document says more than what the document lacks.
    const why = missing.length > 0 && found === detail ? lacking(missing, directories[name]) : found;
    return [[name, why || `is ${error}`], ["fix", store ? fixOf(step, store, below, unmet[name] ?? []) : ""]];
  });
}

function lacking(missing: readonly string[], directory: string | undefined): string {
  const names = groupNames(missing, directory);
  return missing.some((name) => name.includes("#")) ? names.replace(": ", " lacks ") : `lacks ${names}`;
}

/** Says how to fix a store's answer, and why it was not passed over. */
function fixOf(
  { outcome, role, detail = "" }: Step,
  { kind, shape, state }: Pick<StoreDescription, "kind" | "shape" | "state">,
  below: readonly string[],
  unmet: readonly string[],
): string {
  // Hint: of what a server refuses, nobody wrote a document, and no permission of this process is missing.
  if (shape === "token" && state === "on" && outcome !== "unavailable" && !detail.includes("needs --allow-")) {
    return `Correct its options or what it needs${notSkipped(role)}`;
  }
  if (outcome === "denied") return `Give this process the permission${state === "invalid" ? "" : notSkipped(role)}`;
  if (state === "invalid") {
    const fix = detail.endsWith(" is not set") ? detail.includes(" or ") ? "Set one of them" : "Set it" : "Correct it";
    return list([fix, ...unmet]);
  }
  if (outcome === "unavailable") return "Try again once the store answers";
  const what = kind === "file" ? "file" : "document";
  const isWhole = outcome !== "incomplete";
  const [fix, rest] = shape === "variables"
    ? isWhole ? ["Correct the value", "it"] : ["Add the rest", "what is there"]
    : isWhole
    ? [`Write the ${what} again`, "it"]
    : ["Add the rest", `the ${what}`];
  return `${fix}, or remove ${rest}${below.length > 0 ? ` to let ${below[0]} answer` : ""}${notSkipped(role)}`;
}

function notSkipped(role: Step["role"]): string {
  return role === "stopped" ? ".\nIt is not skipped: its credential may be the newer one." : "";
}
