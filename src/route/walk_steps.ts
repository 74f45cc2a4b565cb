import type { Step } from "../core/chain/outcome.ts";
import type { CredentialDescription } from "../core/engine/describe.ts";
import { groupNames, inDirectory } from "../report/guidance/names.ts";
import { obtainedText } from "../report/share_text.ts";
import { isDecisive } from "../report/undecided.ts";
import type { View } from "./view.ts";

/** The result of one store in the last walk of a credential, or why the store was not asked. */
export interface WalkStep {
  readonly store: string;
  readonly reads: readonly string[];
  readonly outcome: Step["outcome"] | "unasked";
  readonly role?: Step["role"];
  /** The result in words that follow the store's name. */
  readonly result: string;
  /** How long the store took to answer, in milliseconds. */
  readonly ms?: number;
}

/** Lists every store of a credential in the order asked, with its result in the last walk. */
export function walkSteps({ from, last }: CredentialDescription, view: View): readonly WalkStep[] {
  const decisive = last?.trace.find(isDecisive);
  const decidedAt = from.findIndex(({ store }) => store === decisive?.store);
  const notAsked = decisive?.role === "stopped"
    ? "was not asked: the walk stopped before it"
    : "was not asked: an earlier store has it";
  return from.map(({ store, reads }, at) => {
    const step = last?.trace.find((step) => step.store === store);
    const { state, reason } = view.description.stores.find(({ name }) => name === store) ?? {};
    // Hint: the reason of a store that is off may name only the first of the steps that switch it on.
    if (store in view.hints.switches) return { store, reads, outcome: "off", result: RESULTS.off! };
    if (step) {
      const { outcome, role, ms } = step;
      return { store, reads, outcome, role, result: resultOf(step, reads, view), ...(ms === undefined ? {} : { ms }) };
    }
    if (state === "off" || state === "invalid") {
      return { store, reads, outcome: state, result: reason ? `${RESULTS[state]}: ${reason}` : RESULTS[state]! };
    }
    const isBelow = decidedAt >= 0 && at > decidedAt;
    return { store, reads, outcome: "unasked", result: isBelow ? notAsked : "was not asked yet" };
  });
}

const RESULTS: Readonly<Record<string, string>> = {
  hit: "has it",
  miss: "does not have it",
  off: "is off",
  incomplete: "is incomplete",
  unavailable: "is unavailable",
  denied: "is denied",
  invalid: "is invalid",
};

function resultOf(step: Step, reads: readonly string[], { description: { stores }, hints }: View): string {
  const { store, outcome, role, detail, missing = [], need, version, shared } = step;
  const directory = hints.directories[store];
  const lacking = outcome === "miss" ? "" : groupNames(missing, directory);
  const more = [
    ...detail ? [need ? `needs ${need}, see below` : inDirectory(detail, reads, directory)] : [],
    ...lacking ? [`missing ${lacking}`] : [],
    ...shared ? [obtainedText(shared, stores.find(({ name }) => name === store)?.share)] : [],
    ...version === undefined ? [] : [`version ${version}`],
  ];
  const result = outcome === "hit" && role === "setting" ? "gives settings" : RESULTS[outcome]!;
  return more.length > 0 ? `${result}: ${more.join("; ")}` : result;
}
