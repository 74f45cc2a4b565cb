import { list } from "../../core/chain/errors.ts";
import type { Step } from "../../core/chain/outcome.ts";
import type { ChainDescription, CredentialDescription } from "../../core/engine/describe.ts";
import { causeOf, causeText } from "../needs.ts";
import { undecidedOf } from "../undecided.ts";
import { type Hints, runsProgram } from "./hints.ts";

/** How good a status is. */
export type StatusTone = "good" | "bad" | "warn" | "faint";

/** The status of a credential in one word, worst first, with its text in a count, and its tone. */
export const STATUSES = {
  error: { count: (number: number) => number === 1 ? "1 error" : `${number} errors`, tone: "bad" },
  missing: { count: (number: number) => `${number} missing`, tone: "warn" },
  degraded: { count: (number: number) => `${number} degraded`, tone: "warn" },
  "not asked": { count: (number: number) => `${number} not asked`, tone: "faint" },
  off: { count: (number: number) => `${number} off`, tone: "faint" },
  ok: { count: () => "", tone: "good" },
} as const satisfies Readonly<
  Record<string, { readonly count: (number: number) => string; readonly tone: StatusTone }>
>;

/** The status of a credential, in one word. */
export type StatusWord = keyof typeof STATUSES;

/** Why nothing is known about a credential for which no store was asked. */
const UNUSED = "looked up when it is first used";

/** The status of a credential. */
export interface CredentialStatus {
  readonly word: StatusWord;
  /** The store that gives it. */
  readonly source?: string;
  /** Why, in a line. */
  readonly detail: string;
}

/**
 * Determines the status of a credential.
 *
 * @param credential The credential.
 * @param description The description that it is part of.
 * @param hints What is known about the chain besides the description.
 * @returns Its status.
 */
export function statusOf(
  credential: CredentialDescription,
  description: ChainDescription,
  hints: Hints,
): CredentialStatus {
  const { stores } = description;
  const { held, last } = credential;
  const isOff = (name: string) => stores.some((store) => store.name === name && store.state === "off");
  const hasExpired = held?.expiresAt !== undefined && Date.parse(held.expiresAt) <= hints.now;
  // Hint: an expired credential that callers were given is the last resort in an outage.
  if (hasExpired && (!held.degraded || held.resolvedAt < held.expiresAt!)) {
    return { word: "not asked", detail: `what ${held.source} gave has expired, and is renewed when it is used` };
  }
  if (held) {
    const { source, degraded } = held;
    return {
      word: degraded ? "degraded" : "ok",
      source,
      detail: [...reasons(credential), ...hasExpired ? ["what it gave has expired"] : [], ...settings(held)].join("; "),
    };
  }
  if (!last) return { word: "not asked", detail: UNUSED };
  const cause = causeOf(credential, description);
  const because = cause ? [causeText(cause)] : [];
  if (last.error === undefined) {
    return { word: "not asked", detail: undecided(credential, isOff, because, hints) || UNUSED };
  }
  if (last.error !== "not_found") return { word: "error", detail: stop(credential, last.error, isOff, because) };
  const serving = servingStores(credential);
  const [off, on] = [serving.filter(isOff), serving.filter((name) => !isOff(name))];
  const wereOff = off.length > 0 ? [`${list(off)} ${off.length > 1 ? "are" : "is"} off`] : [];
  if (on.length === 0) return { word: off.length > 0 ? "off" : "missing", detail: wereOff.join() };
  const needing = (hints.plan?.stores ?? []).filter(({ store }) => store.needs.includes(credential.key));
  if (needing.length > 0 && needing.every(({ name }) => isOff(name))) {
    const names = needing.map(({ name }) => name);
    return {
      word: "off",
      detail: names.length > 1
        ? `only ${list(names)} need it, which are off`
        : `only ${names[0]} needs it, which is off`,
    };
  }
  return { word: "missing", detail: [`not in ${on.join(", ")}`, ...wereOff].join("; ") };
}

/** Lists the stores that were asked for the identity, without those that only give settings. */
function servingStores({ from, last }: CredentialDescription): readonly string[] {
  const { trace, missing = [] } = last!;
  return from.filter(({ store, reads }) =>
    reads.some((name) => missing.includes(name)) || trace.some((step) => step.store === store && step.role === "passed")
  ).map(({ store }) => store);
}

function reasons({ held, last }: CredentialDescription): readonly string[] {
  if (!held!.degraded) return [];
  const isFailed = ({ outcome }: Step) => ["incomplete", "unavailable", "denied", "invalid"].includes(outcome);
  return (last?.trace ?? []).flatMap((step) => {
    if (isFailed(step)) return `${step.store} is ${step.outcome}`;
    // Hint: the winner's detail says that its previous answer is used.
    return step.role === "winner" ? step.detail ?? [] : [];
  });
}

/** Says which fields come from stores other than the identity's. */
function settings({ source, fields }: NonNullable<CredentialDescription["held"]>): readonly string[] {
  const others = new Set(Object.values(fields).filter((store) => store !== source));
  return [...others].map((store) => {
    const names = Object.keys(fields).filter((name) => fields[name] === store);
    return `${list(names)} from ${store}`;
  });
}

function undecided(
  credential: CredentialDescription,
  isOff: (name: string) => boolean,
  because: readonly string[],
  hints: Hints,
): string {
  const { unasked, otherwise } = undecidedOf(credential);
  const first = because.length > 0 ? because : whyUnasked(unasked.filter((store) => !isOff(store)), hints);
  if (!otherwise) return first.join();
  const { store, role, outcome } = otherwise;
  return [...first, `otherwise ${role === "stopped" ? `${store} is ${outcome}` : store}`].join("; ");
}

/** Says why a description does not ask these stores. */
function whyUnasked(names: readonly string[], hints: Hints): readonly string[] {
  const runs = (name: string) => runsProgram(name, hints);
  const [programs, others] = [names.filter(runs), names.filter((name) => !runs(name))];
  return [
    ...others.length > 0 ? [`${list(others)} ${others.length > 1 ? "need" : "needs"} the network`] : [],
    ...programs.length > 0 ? [`${list(programs)} ${programs.length > 1 ? "run programs" : "runs a program"}`] : [],
  ];
}

/** Says which stores failed, and which were not asked because of that. */
function stop(
  { from, last }: CredentialDescription,
  error: string,
  isOff: (name: string) => boolean,
  because: readonly string[],
): string {
  const { trace } = last!;
  const failed = trace.filter(({ outcome }) => outcome === error).map(({ store }) => store);
  const unasked = from.map(({ store }) => store)
    .filter((name) => !isOff(name) && trace.every(({ store }) => store !== name));
  const own = failed.length > 0 ? [`${list(failed)} ${failed.length > 1 ? "are" : "is"} ${error}`] : [];
  return [
    ...because.length > 0 ? because : own,
    ...unasked.length > 0 ? [`${list(unasked)} ${unasked.length > 1 ? "were" : "was"} not asked`] : [],
  ].join("; ");
}
