import { list } from "../../core/chain/errors.ts";
import type { Step } from "../../core/chain/outcome.ts";
import type { ChainDescription, CredentialDescription, StoreDescription } from "../../core/engine/describe.ts";
import { type Hints, runsProgram } from "./hints.ts";
import { groupsOf, inDirectory } from "./names.ts";
import { unmetNeeds } from "./unmet_needs.ts";
import { loginsOf, neededBy } from "./ways.ts";

/** A line about an error: its label, which is a store or `fix`, and its text. */
export type Line = readonly [label: string, text: string];

/** Says why each store that made a credential fail could not give it, and how to fix that. */
export function errorLines(
  { from, last }: CredentialDescription,
  description: ChainDescription,
  hints: Hints,
): readonly Line[] {
  const { stores } = description;
  const { trace, error, missing = [] } = last!;
  return trace.filter(({ outcome }) => outcome === error).flatMap((step): readonly Line[] => {
    const { store: name, detail = "" } = step;
    const directory = hints.directories[name];
    const at = from.findIndex(({ store }) => store === name);
    const store = stores.find((store) => store.name === name);
    const below = from.slice(at + 1).map(({ store }) => store)
      .filter((name) => stores.some((store) => store.name === name && store.state === "on"));
    const found = inDirectory(detail, from[at]?.reads ?? [], directory);
    // Hint: a detail that begins with a document is more precise than what the document lacks.
    const why = missing.length > 0 && found === detail ? lacking(missing, directory) : found;
    const fix = store ? fixOf(step, { store, below, description, hints }) : "";
    return [[name, why || `is ${error}`], ["fix", fix]];
  });
}

function lacking(missing: readonly string[], directory: string | undefined): string {
  return groupsOf(missing, directory).map(({ document, members }) =>
    `${document === undefined ? "" : `${document} `}lacks ${members.join(", ")}`
  ).join("; ");
}

/** The store that has failed, and what it is part of. */
interface FailedStore {
  readonly store: StoreDescription;
  /** The stores that would be asked next. */
  readonly below: readonly string[];
  readonly description: ChainDescription;
  readonly hints: Hints;
}

/** Says how to fix a store's answer, and why it was not passed over. */
function fixOf(step: Step, failed: FailedStore): string {
  const { outcome, role } = step;
  const { store: { name, kind, shape, state }, below, description, hints } = failed;
  if (outcome === "unavailable") return "Try again once the store answers";
  if (state === "invalid" && outcome !== "denied") {
    return list([settingFix(failed), ...unmetNeeds(name, description, hints)]);
  }
  const isTold = role === "stopped" && state !== "invalid";
  const notSkipped = isTold ? ".\nIt is not skipped: its credential may be the newer one." : "";
  if (outcome === "denied") return `${denialFix(step, failed)}${notSkipped}`;
  const needed = unservedNeeds(step, failed);
  if (needed.length > 0) return `${list(needed)}${notSkipped}`;
  if (shape === "token") return `${tokenFix(outcome)}${notSkipped}`;
  if (runsProgram(name, hints)) return `Correct the program, or what the mapping asks it for${notSkipped}`;
  const what = kind === "file" ? "file" : "document";
  const isWhole = outcome !== "incomplete";
  const [fix, rest] = shape === "variables"
    ? isWhole ? ["Correct the value", "it"] : ["Add the rest", "what is there"]
    : isWhole
    ? [`Write the ${what} again`, "it"]
    : ["Add the rest", `the ${what}`];
  return `${fix}, or remove ${rest}${below.length > 0 ? ` to let ${below[0]} answer` : ""}${notSkipped}`;
}

/** Says how to fix the configuration of a store that cannot be opened. */
function settingFix({ store: { name }, hints }: FailedStore): string {
  const lacking = hints.lacking[name] ?? [];
  if (lacking.length > 1) return "Set them";
  if (lacking.length === 1) return lacking[0]!.length > 1 ? "Set one of them" : `Set ${lacking[0]![0]}`;
  return hints.plan ? "Correct it" : "Set or correct it";
}

function denialFix({ detail = "" }: Step, failed: FailedStore): string {
  const { store: { name, shape }, description, hints } = failed;
  // Hint: any other denial is a server's, to which this process's permissions do not matter.
  if (/--allow-|\bpermission\b/.test(detail)) return "Give this process the permission";
  const needed = loginsOf(name, description, hints).map(({ key }) => `"${key}"`);
  if (needed.length > 0) return `Correct ${list(needed, "or")}, or what the server grants to it`;
  if (shape !== "token") return "Give this process access to the store";
  return hints.plan ? "Correct its options" : "Correct the credential that it needs";
}

/** Says how to fix what a token store was asked for. */
function tokenFix(outcome: Step["outcome"]): string {
  return outcome === "incomplete"
    ? "Correct the mapping, or what is asked for"
    : "Correct the option or the request that it names";
}

/** Says what to do with each credential that a store needs and that made the store fail. */
function unservedNeeds(
  { outcome, detail = "" }: Step,
  { store: { name, shape }, description, hints }: FailedStore,
): readonly string[] {
  if (outcome === "incomplete") return [];
  return neededBy(name, description, hints)
    .filter(({ key, last }) => detail.includes(`"${key}"`) || shape === "token" && last?.error !== undefined)
    .map(({ key, last }) => `${last?.error === "not_found" ? "Supply" : "Correct"} "${key}"`);
}
