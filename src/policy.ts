import type { Asked } from "./judge.ts";
import type { Outcome } from "./outcome.ts";
import type { Policy } from "./stores/store.ts";

const GRAVITY: readonly Outcome[] = ["incomplete", "unavailable", "invalid", "denied"];

/** How grave what came of a source is; below zero for what is no error. */
export function gravity(asked: Asked | undefined): number {
  return asked ? GRAVITY.indexOf(asked.outcome) : -1;
}

/** Whether an answer is the worse for what came of a source. */
export function degrades(asked: Asked): boolean {
  const { held, minted, needs = [] } = asked.answer;
  // Hint: a token that is held and good is none the worse because its renewal failed.
  if (held && !minted) return true;
  if (asked.role === "setting") return false;
  return gravity(asked) >= 0 || (minted ? minted.degraded : needs.some(({ credential }) => credential.degraded));
}

/** What the chain itself says is to be done after an error. */
export function ownPolicy({ source: { store: { options } }, outcome, answer }: Asked): Policy | undefined {
  if (answer.expired && options.onExpired) return options.onExpired;
  if (outcome === "incomplete") return options.onIncomplete;
  if (outcome === "denied") return options.onDenied;
  return outcome === "invalid" ? options.onInvalid : options.onUnavailable;
}

/** What is done after an error. */
export function policyOf(asked: Asked): Policy {
  const { outcome, source } = asked;
  const goesOn = outcome === "unavailable" || outcome === "incomplete" && source.store.shape.name === "variables";
  return ownPolicy(asked) ?? (goesOn ? "next" : "stop");
}
