import { isAnother, type Need, unmet } from "./answer.ts";
import type { Call } from "./call.ts";
import type { StoreDecl } from "./declaration.ts";
import { isPaused } from "./generation.ts";
import { isRefusal, type Refusal } from "./reading.ts";
import type { Late } from "./silences.ts";
import type { Task } from "./tasks.ts";
import type { Said } from "./world.ts";

/** What a look-up came to. */
export interface Reply<T> {
  readonly answer: T | Refusal;
  readonly needs: readonly Need[];
  /** When the try began that gave the answer. */
  readonly began: number;
  /** Until when the answer may be used at all. */
  readonly expiresAt?: number;
  /** The names for which there was no answer in time. */
  readonly late?: readonly Late[];
}

/** One try of a look-up, with what was resolved for it already. */
export type Attempt<T> = (resolved?: Need) => Task<Tried<T>>;

/** What one try came to. */
export interface Tried<T> extends Omit<Reply<T>, "began"> {
  /** How long the store itself took. */
  readonly spent: number;
}

/** What is remembered of the look-ups of one request: what replaced a need that was refused. */
export interface LookUpMemory {
  replaced?: Need | undefined;
}

type Answered = { readonly outcome: string };

/** Looks up; once more if a need was refused and something else took its place. */
export function* lookUp<T extends Answered>(
  call: Call,
  store: StoreDecl,
  memory: LookUpMemory,
  attempt: Attempt<T>,
  resolved?: Need,
): Task<Reply<T>> {
  const first = yield* tried(call, store, attempt, resolved);
  const { answer, needs } = first;
  if (!isRefusal(answer as Refusal)) memory.replaced = undefined;
  if (!isRefusal(answer as Refusal) || !(answer as Refusal).need) return first;
  if (!store.need) return { ...first, answer: { outcome: "invalid", detail: "a need that it does not declare" } };
  const used = needs.find(({ credential }) => credential) ?? resolved;
  if (!used) return first;
  if (memory.replaced && !mayReplaceAgain(call.tasks.timers.now(), used, memory.replaced)) return first;
  call.refuse(used, memory.replaced !== undefined);
  const now = yield* call.resolveNeed(used.key);
  if ("outcome" in now) return first;
  memory.replaced = now;
  if (!isAnother(now, used)) return first;
  const second = yield* tried(call, store, attempt);
  if (!isRefusal(second.answer as Refusal)) memory.replaced = undefined;
  return second;
}

/** Whether a need is replaced that took a refused one's place: a token after its pause, other values once they changed. */
function mayReplaceAgain(now: number, used: Need, replaced: Need): boolean {
  if (used.generation) return !isPaused(now, used.generation);
  // Hint: what is not reread automatically is read again whenever it is refused.
  return used.until === Infinity || isAnother(used, replaced);
}

/** Tries; once more after a suspension, and three times more while the store is in the middle of a change. */
function* tried<T extends Answered>(
  call: Call,
  store: StoreDecl,
  attempt: Attempt<T>,
  resolved?: Need,
): Task<Reply<T>> {
  const { timers } = call.tasks;
  let began = timers.now();
  let { answer, needs, spent, late, expiresAt } = yield* attempt(resolved);
  if ((answer as Refusal).outcome === "unavailable" && spent > 2 * store.timeout) {
    began = timers.now();
    ({ answer, needs, late, expiresAt } = yield* attempt());
  }
  for (let retry = 0; retry < 3 && (answer as Refusal).transient; retry++) {
    yield* call.tasks.wait(50);
    began = timers.now();
    ({ answer, needs, late, expiresAt } = yield* attempt());
  }
  return { answer, needs, began, late: late ?? [], expiresAt: expiresAt ?? Infinity };
}

/** One question to what is outside. */
export interface Outward {
  readonly store: StoreDecl;
  readonly what: string;
  readonly reason?: string;
  /** How much of the store's time is left. */
  readonly left: number;
  /** The place among timers that was taken when that time began. */
  readonly place?: number | undefined;
  /** The need, if it was resolved already. */
  readonly resolved?: Need | undefined;
  /** Whether it is asked without its need. */
  readonly isAlone?: boolean;
}

/** What came from outside, with what it was asked, and how much of the store's time is left. */
export interface Inward {
  readonly said: Said | Refusal;
  readonly needs: readonly Need[];
  readonly left: number;
  /** How long the store itself took, even if it was suspended meanwhile. */
  readonly spent: number;
}

/** Asks what is outside for one name or request; the time in which a need is resolved does not count. */
export function* ask(call: Call, { store, what, reason, left, place, resolved, isAlone }: Outward): Task<Inward> {
  const { side, tasks } = call;
  side.record(store.name, what, reason);
  const key = isAlone ? undefined : store.need;
  let need = key && resolved;
  if (key && !need) {
    const now = yield* call.resolveNeed(key);
    if ("outcome" in now) {
      yield* tasks.turn();
      return { said: now, needs: [unmet(key)], left, spent: 0 };
    }
    need = now;
  }
  if (store.need) yield* tasks.turn();
  const needs = need ? [need] : [];
  const said = side.say(store.name, what, store.shape, tasks.timers.now(), need && valuesOf(need));
  const began = tasks.timers.now();
  const latency = side.latencyOf(store.name);
  if (latency > 0) yield* tasks.wait(Math.min(latency, left), latency > left && !key ? place : undefined);
  const spent = Math.max(0, tasks.timers.now() - began);
  // Hint: while a need is resolved the store's time stands still, and what the clock says that it took so far counts.
  const rest = key ? Math.max(0, left - spent) : left - latency;
  if (latency <= left) return { said, needs, left: rest, spent };
  const detail = `no answer within its timeout of ${store.timeout} ms`;
  return { said: { outcome: "unavailable", detail, timeout: true }, needs, left: 0, spent };
}

/** What a store sees of a need. */
function valuesOf({ credential }: Need): string {
  const { u, p } = credential!.values as Record<string, { value: string } | undefined>;
  return `${u?.value ?? ""}/${p?.value ?? ""}`;
}
