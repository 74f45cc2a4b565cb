import { list } from "../core/chain/errors.ts";
import type { Step } from "../core/chain/outcome.ts";
import { access } from "../core/engine/access.ts";
import type { ChainDescription } from "../core/engine/describe.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import type { ExplainedWalk, Explanation } from "../report/explain.ts";
import type { Finding } from "../report/finding.ts";
import { causeOf, causeText } from "../report/needs.ts";
import { lintMembers } from "../report/lint_members.ts";
import { obtainedText } from "../report/share_text.ts";
import { errorLines } from "../report/guidance/error_lines.ts";
import type { Hints } from "../report/guidance/hints.ts";
import { groupNames, inDirectory } from "../report/guidance/names.ts";
import { waysToSupply } from "../report/guidance/ways.ts";
import { localHints } from "./local_hints.ts";
import { withoutControls } from "./quoted.ts";
import type { Tone } from "./style.ts";

/** What an explanation refers to. */
export interface ExplanationContext {
  /** The description, with the explained walks as the last ones. */
  readonly description: ChainDescription;
  readonly hints: Hints;
  /** The misspelled members of local documents. */
  readonly misspelled: readonly Finding[];
}

/** Returns what an explanation refers to, after the local stores were asked. */
export function contextOf(explanation: Explanation, resolver: Resolver<unknown>): ExplanationContext {
  const found = resolver.describe();
  const walks = new Map([explanation, ...explanation.needs ?? []].map((walk) => [walk.key, walk]));
  const credentials = found.credentials.map((credential) => {
    const walk = walks.get(credential.key);
    if (!walk || walk.source !== null) return credential;
    const { trace, unknown = [], error } = walk;
    const { held: _, last, ...rest } = credential;
    const asked = trace.filter(({ store }) => !unknown.includes(store));
    const lacking = error === "not_found" ? "miss" : error;
    const missing = asked.flatMap(({ outcome, missing = [] }) => outcome === lacking ? missing : []);
    return { ...rest, last: { at: last?.at ?? "", ...(error && { error }), missing, trace: asked } };
  });
  return {
    description: { ...found, credentials },
    hints: localHints(resolver, found),
    misspelled: lintMembers(access(resolver)),
  };
}

/** Says in a line which store gives a credential, or why none does. */
export function verdictOf(
  { key, source, degraded, error, unknown = [] }: ExplainedWalk,
  description: ChainDescription,
): { readonly tone: Tone; readonly verdict: string } {
  if (source !== null) {
    return degraded
      ? { tone: "warn", verdict: `degraded from ${source}` }
      : { tone: "good", verdict: `ok from ${source}` };
  }
  const cause = causeOf(description.credentials.find((each) => each.key === key)!, description);
  if (error !== undefined) {
    return { tone: "bad", verdict: `not available (${error})${cause ? `: ${causeText(cause)}` : ""}` };
  }
  if (cause) return { tone: "bad", verdict: `unknown: ${causeText(cause)}` };
  return {
    tone: "warn",
    verdict: `unknown until ${list(unknown)} ${unknown.length > 1 ? "are" : "is"} asked: use --live`,
  };
}

/** Says what follows from a step of a walk. */
export function consequenceOf(
  { store, role, outcome }: Step,
  { source, error, trace, unknown = [] }: ExplainedWalk,
): string {
  if (unknown.includes(store)) return "unknown";
  if (outcome !== "hit" && (role === "setting" || role === "shadowed")) return "-";
  if (role === "passed" && store === trace.at(-1)!.store) return "no store left";
  if (role !== "shadowed") return CONSEQUENCES[role];
  return source !== null ? "shadowed" : error !== undefined ? "blocked" : "may win";
}

const CONSEQUENCES: Readonly<Record<Exclude<Step["role"], "shadowed">, string>> = {
  winner: "wins",
  setting: "gives settings",
  passed: "next store",
  stopped: "stops",
};

/** Says everything about a step of a walk besides its outcome, in lines. */
export function detailOf(step: Step, walk: ExplainedWalk, context: ExplanationContext): string {
  const { store, outcome, missing = [], ms, version, shared } = step;
  const { description, hints } = context;
  const { share } = description.stores.find(({ name }) => name === store) ?? {};
  const isMiss = outcome === "miss";
  const supplied = isMiss ? supplyOf(step, walk, context) : "";
  const lines = [
    ...supplied ? [`supply ${supplied}`] : [],
    ...foundOf(step, walk, context),
    ...!isMiss && missing.length > 0 ? [`missing ${groupNames(missing, hints.directories[store])}`] : [],
    // Hint: an explanation does not use the engine.
    ...shared ? [obtainedText(shared, share)] : share && ms !== undefined ? [`asked without ${share.engine}`] : [],
    ...version === undefined ? [] : [`version ${withoutControls(`${version}`)}`],
    ...ms === undefined ? [] : [`after ${Math.round(ms)} ms`],
  ];
  return lines.join("\n");
}

/** Says what would supply a credential that a store does not have. */
function supplyOf(
  { store, missing = [] }: Step,
  { key }: ExplainedWalk,
  { description, hints }: ExplanationContext,
): string {
  if (missing.length === 0) return "";
  const credential = description.credentials.find((credential) => credential.key === key)!;
  const way = waysToSupply(credential, description, hints).find((way) => way.store === store);
  if (way?.names) return way.names;
  return missing.some((name) => name.includes("#")) ? groupNames(missing, hints.directories[store]) : list(missing);
}

function foundOf(
  { store, detail, need }: Step,
  { key, unknown = [] }: ExplainedWalk,
  { description, hints }: ExplanationContext,
): readonly string[] {
  if (!detail) return [];
  if (need) return [`needs ${need}, see below`];
  // Hint: the detail names an option of the function; `--live` is its equivalent here.
  if (unknown.includes(store)) {
    return [detail.replace(", and was not asked: the option live asks it", ": --live asks it")];
  }
  const { from } = description.credentials.find((credential) => credential.key === key)!;
  const reads = from.find((source) => source.store === store)?.reads ?? [];
  return [inDirectory(detail, reads, hints.directories[store])];
}

/**
 * Returns how to fix stores, by store: those that made a walk fail, unless another credential is the cause, and those
 * whose document has a misspelled member.
 */
export function fixesOf(
  { key, error }: ExplainedWalk,
  { description, hints, misspelled }: ExplanationContext,
): ReadonlyMap<string, string> {
  const credential = description.credentials.find((credential) => credential.key === key)!;
  const isFailed = error !== undefined && !causeOf(credential, description);
  const lines = isFailed ? errorLines(credential, description, hints) : [];
  const fixes = new Map(
    lines.flatMap(([label, text], at) => label === "fix" ? [[lines[at - 1]![0], text.split(".\n")[0]!]] : []),
  );
  for (const { store, reads } of credential.from) {
    const renames = misspelled.filter(({ path }) => path === `credentials["${key}"].from.${store}`)
      .map(({ message }) => withoutControls(inDirectory(message, reads, hints.directories[store]))).join("; ");
    if (renames) fixes.set(store, fixes.get(store)?.replace("Add the rest", () => renames) ?? renames);
  }
  return fixes;
}
