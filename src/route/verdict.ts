import type { CredentialDescription, StoreDescription } from "../describe.ts";
import type { Step } from "../outcome.ts";

/** How a credential stands: a closed set. */
export type Standing = "good" | "degraded" | "expired" | "missing" | "stopped" | "unasked";

/** What a reader wants to know of a credential first: which source is in use, and why that one. */
export interface Verdict {
  readonly standing: Standing;
  /** The store in use, where there is one. */
  readonly source?: string;
  /** Why, in a sentence without its full stop. */
  readonly why: string;
}

/** What became of one store in the last walk of a credential, or why it was not asked. */
export interface Stop {
  readonly store: string;
  readonly reads: readonly string[];
  readonly outcome: Step["outcome"] | "unasked";
  readonly role?: Step["role"];
  readonly says: string;
  readonly ms?: number;
}

/** Judges a credential as it stands at a moment. */
export function verdict(credential: CredentialDescription, now: number): Verdict {
  const { from, held, last } = credential;
  const trace = last?.trace ?? [];
  if (held) {
    const why = whyServed(held.source, trace);
    if (held.expiresAt !== undefined && Date.parse(held.expiresAt) <= now) {
      return {
        standing: "expired",
        source: held.source,
        why: "It has expired, and is renewed when it is next asked for",
      };
    }
    return { standing: held.degraded ? "degraded" : "good", source: held.source, why };
  }
  if (!last) {
    const first = from[0]?.store;
    return {
      standing: "unasked",
      why: first ? `Nobody has asked for it yet; ${first} comes first` : "No store has it",
    };
  }
  const stopped = trace.find(({ role }) => role === "stopped");
  if (stopped) return { standing: "stopped", why: `${stopped.store} ${saysOf(stopped)}` };
  if (last.error === undefined) return { standing: "unasked", why: whyOpen(credential) };
  if (last.error !== "not_found") {
    const failed = trace.filter(({ outcome }) => outcome === last.error);
    return { standing: "stopped", why: failed.map((step) => `${step.store} ${saysOf(step)}`).join("; ") };
  }
  return { standing: "missing", why: "No store has it; the caller's own default serves, where it gives one" };
}

/** Stores that need the network are not asked for the sake of a description. */
function whyOpen({ from, last }: CredentialDescription): string {
  const trace = last!.trace;
  const unasked = from.filter(({ store }) => !trace.some((step) => step.store === store)).map(({ store }) => store);
  const winner = trace.find(({ role }) => role === "winner");
  if (unasked.length === 0) return "It is looked for anew when it is next asked for";
  return `${unasked.join(" and ")} was not asked yet${winner ? `; else ${winner.store} has it` : ""}`;
}

/** The walk of a credential as a reader follows it: every store in the order asked, and what it said last. */
export function stops({ from, last }: CredentialDescription, stores: readonly StoreDescription[]): readonly Stop[] {
  const stopped = last?.trace.some(({ role }) => role === "stopped");
  const won = last?.trace.some(({ role }) => role === "winner");
  const says = stopped
    ? "was not asked: the walk stopped before it"
    : won
    ? "was not asked: an earlier store has it"
    : "was not asked yet";
  return from.map(({ store, reads }) => {
    const step = last?.trace.find((step) => step.store === store);
    if (step) {
      const { outcome, role, ms } = step;
      return { store, reads, outcome, role, says: saysOf(step), ...(ms === undefined ? {} : { ms }) };
    }
    const { state, reason } = stores.find(({ name }) => name === store) ?? {};
    if (state === "off" || state === "invalid") {
      return { store, reads, outcome: state, says: reason ? `${WORDS[state]}: ${reason}` : WORDS[state]! };
    }
    return { store, reads, outcome: "unasked", says };
  });
}

const WORDS: Readonly<Record<string, string>> = {
  hit: "has it",
  miss: "does not have it",
  off: "is off",
  incomplete: "is incomplete",
  unavailable: "is unavailable",
  denied: "is denied",
  invalid: "is invalid",
};

function saysOf({ outcome, role, detail, missing }: Step): string {
  const word = outcome === "hit" && role === "setting" ? "gives settings" : WORDS[outcome]!;
  const lacks = missing && missing.length > 0 ? `lacks ${missing.join(", ")}` : undefined;
  const more = [detail, lacks].filter((text) => text !== undefined).join("; ");
  return more ? `${word}: ${more}` : word;
}

function whyServed(source: string, trace: readonly Step[]): string {
  const before: Step[] = [];
  for (const step of trace) {
    if (step.role === "winner") break;
    before.push(step);
  }
  const of = (...outcomes: Step["outcome"][]) => before.filter((step) => outcomes.includes(step.outcome));
  const failing = of("unavailable", "incomplete", "denied", "invalid");
  const parts = [
    ...failing.map((step) => `${step.store} ${saysOf(step)}`),
    clause(of("miss"), "does not have it", "do not have it"),
    clause(of("off"), "is off", "are off"),
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join("; ") : `${source} is asked first and has it`;
}

function clause(steps: readonly Step[], one: string, several: string): string {
  const names = steps.map(({ store }) => store);
  if (names.length === 0) return "";
  return names.length === 1 ? `${names[0]} ${one}` : `${names.slice(0, -1).join(", ")} and ${names.at(-1)} ${several}`;
}
