import type { ChainDescription, CredentialDescription, StoreDescription } from "../core/engine/describe.ts";
import type { Step } from "../core/chain/outcome.ts";
import { causeOf, causeText } from "../report/needs.ts";
import { obtainedText } from "../report/share_text.ts";
import { isDecisive, undecidedOf } from "../report/undecided.ts";

/** The state of a credential: a closed set. */
export type State = "good" | "degraded" | "expired" | "missing" | "stopped" | "unasked";

/** What a reader wants to know of a credential first: its state, the source in use, and the reason. */
export interface Status {
  readonly state: State;
  /** The store in use, if any. */
  readonly source?: string;
  /** The reason, as a sentence without its full stop. */
  readonly reason: string;
}

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

/** Determines the status of a credential of a chain at a time, in milliseconds since 1970. */
export function statusOf(credential: CredentialDescription, now: number, description: ChainDescription): Status {
  const { from, held, last } = credential;
  const trace = last?.trace ?? [];
  if (held) {
    const { source, degraded, expiresAt } = held;
    if (expiresAt !== undefined && Date.parse(expiresAt) <= now) {
      return { state: "expired", source, reason: "It has expired and is renewed at the next resolve" };
    }
    return { state: degraded ? "degraded" : "good", source, reason: reasonInUse(source, trace) };
  }
  if (!last) {
    const first = from[0]?.store;
    return { state: "unasked", reason: first ? `Not resolved yet; ${first} is asked first` : "No store is mapped" };
  }
  const cause = causeOf(credential, description);
  if (last.error === undefined) {
    return { state: "unasked", reason: cause ? causeText(cause) : reasonUndecided(credential) };
  }
  if (cause) return { state: "stopped", reason: causeText(cause) };
  const stopped = trace.find(({ role }) => role === "stopped");
  if (stopped) return { state: "stopped", reason: `${stopped.store} ${resultOf(stopped)}` };
  if (last.error !== "not_found") {
    const failed = trace.filter(({ outcome }) => outcome === last.error);
    return { state: "stopped", reason: failed.map((step) => `${step.store} ${resultOf(step)}`).join("; ") };
  }
  return { state: "missing", reason: "No store has it; the caller's default is used if there is one" };
}

/** Names the stores that need the network, which a description does not ask. */
function reasonUndecided(credential: CredentialDescription): string {
  const { unasked, otherwise } = undecidedOf(credential);
  if (unasked.length === 0) return "It is looked up again at the next resolve";
  const verb = unasked.length > 1 ? "were" : "was";
  const rest = otherwise ? `; otherwise ${otherwise.store} ${resultOf(otherwise)}` : "";
  return `${unasked.join(" and ")} ${verb} not asked yet${rest}`;
}

/** Lists every store of a credential in the order asked, with its result in the last walk. */
export function walkSteps(
  { from, last }: CredentialDescription,
  stores: readonly StoreDescription[],
): readonly WalkStep[] {
  const decisive = last?.trace.find(isDecisive);
  const decidedAt = from.findIndex(({ store }) => store === decisive?.store);
  const notAsked = decisive?.role === "stopped"
    ? "was not asked: the walk stopped before it"
    : "was not asked: an earlier store has it";
  return from.map(({ store, reads }, at) => {
    const step = last?.trace.find((step) => step.store === store);
    const { state, reason, share } = stores.find(({ name }) => name === store) ?? {};
    if (step) {
      const { outcome, role, ms, version, shared } = step;
      const found = resultOf(step, ...shared ? [obtainedText(shared, share)] : []);
      const result = version === undefined ? found : `${found} (version ${version})`;
      return { store, reads, outcome, role, result, ...(ms === undefined ? {} : { ms }) };
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

function resultOf({ outcome, role, detail, missing }: Step, ...besides: readonly string[]): string {
  const result = outcome === "hit" && role === "setting" ? "gives settings" : RESULTS[outcome]!;
  const names = missing && missing.length > 0 ? `missing ${missing.join(", ")}` : undefined;
  const more = [detail, names, ...besides].filter((text) => text !== undefined).join("; ");
  return more ? `${result}: ${more}` : result;
}

function reasonInUse(source: string, trace: readonly Step[]): string {
  const winner = trace.findIndex(({ role }) => role === "winner");
  const before = winner < 0 ? trace : trace.slice(0, winner);
  // Hint: what it gave before may be used, since it could not be asked again.
  const again = trace.filter(({ role, detail }) => role === "winner" && detail !== undefined);
  const withOutcome = (...outcomes: Step["outcome"][]) => before.filter((step) => outcomes.includes(step.outcome));
  const failed = withOutcome("unavailable", "incomplete", "denied", "invalid");
  const parts = [
    ...[...failed, ...again].map((step) => `${step.store} ${resultOf(step)}`),
    clause(withOutcome("miss"), "does not have it", "do not have it"),
    clause(withOutcome("off"), "is off", "are off"),
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join("; ") : `${source} is asked first and has it`;
}

function clause(steps: readonly Step[], singular: string, plural: string): string {
  const names = steps.map(({ store }) => store);
  if (names.length === 0) return "";
  if (names.length === 1) return `${names[0]} ${singular}`;
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)} ${plural}`;
}
