import { list } from "../core/chain/errors.ts";
import type { Step } from "../core/chain/outcome.ts";
import type { ChainDescription } from "../core/engine/describe.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import type { ExplainedWalk, Explanation } from "../report/explain.ts";
import { causeOf, causeText } from "../report/needs.ts";
import { obtainedText } from "../report/share_text.ts";
import { type Hints, hintsOf } from "../report/guidance/hints.ts";
import { groupNames, inDirectory } from "../report/guidance/names.ts";
import { withoutControls } from "./quoted.ts";
import type { Tone } from "./style.ts";

/** What an explanation refers to. */
export interface ExplanationContext {
  /** The description, in which the last walks are those that are explained. */
  readonly description: ChainDescription;
  readonly hints: Hints;
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
  return { description: { ...found, credentials }, hints: hintsOf(resolver, found) };
}

/** Says in a line who gives a credential, or why none does. */
export function verdictOf(
  { key, source, degraded, error, unknown = [] }: ExplainedWalk,
  description: ChainDescription,
): { readonly tone: Tone; readonly verdict: string } {
  if (source !== null) {
    return degraded ? { tone: "warn", verdict: `${source}, degraded` } : { tone: "good", verdict: source };
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

/** Says of a step of a walk what there is beside its outcome, in lines. */
export function detailOf(
  { store, outcome, detail, missing = [], need, ms, version, shared }: Step,
  { key }: ExplainedWalk,
  { description, hints }: ExplanationContext,
): string {
  const directory = hints.directories[store];
  const { from } = description.credentials.find((credential) => credential.key === key)!;
  const reads = from.find((source) => source.store === store)?.reads ?? [];
  const names = groupNames(missing, directory);
  const { share } = description.stores.find(({ name }) => name === store) ?? {};
  const isMiss = outcome === "miss";
  const lines = [
    ...isMiss && names ? [`supply ${names}`] : [],
    ...detail ? [need ? `needs ${need}, see below` : inDirectory(detail, reads, directory)] : [],
    ...!isMiss && names ? [`missing ${names}`] : [],
    // Hint: an explanation tells the other machines nothing.
    ...shared ? [obtainedText(shared, share)] : share && ms !== undefined ? [`asked without ${share.engine}`] : [],
    ...version === undefined ? [] : [`version ${withoutControls(`${version}`)}`],
    ...ms === undefined ? [] : [`after ${Math.round(ms)} ms`],
  ];
  return lines.join("\n");
}
