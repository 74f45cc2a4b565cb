import type { Ambient } from "./host.ts";
import { list } from "./errors.ts";
import { invalid, isRefusal, type Refusal } from "./outcome.ts";
import type { StorePlan } from "./plan.ts";
import { type Flag, isReference, readFlag, readText, type Reference } from "./reference.ts";
import type { RawLook } from "./shapes/shape.ts";
import type { Surroundings } from "./stores/store.ts";
import { boundedFetch } from "./bounded_fetch.ts";

/** A store in use: its look-up, or why there is none. */
export type OpenStore =
  | {
    readonly state: "on";
    readonly look: RawLook;
    /** The options, with what they refer to. */
    readonly options: Readonly<Record<string, unknown>>;
    readonly surroundings: Surroundings;
  }
  | { readonly state: "off"; readonly reason: string }
  | { readonly state: "invalid"; readonly reason: string; readonly refusal: Refusal };

/** Reads what a store's options refer to, and opens it. */
export function openStore({ spec, options }: StorePlan, ambient: Ambient): OpenStore {
  const { enabled = true } = options;
  const on = isReference(enabled) ? readFlag(enabled as Flag, ambient.variable) : enabled;
  if (isRefusal(on)) return closed(on);
  if (!on) return { state: "off", reason: isReference(enabled) ? `set ${enabled.variable} to true` : "disabled" };
  const { values, declared, refusals } = readOptions(options, ambient);
  if (refusals.length > 0) return closed(gather(refusals));
  const surroundings = { ...ambient, fetch: boundedFetch(ambient.fetch), declared };
  const look = tryOpen(spec.open, values, surroundings);
  if (look === undefined) return { state: "off", reason: "not possible on this runtime" };
  if (isRefusal(look)) return closed(look);
  return { state: "on", look: look as unknown as RawLook, options: values, surroundings };
}

function closed(refusal: Refusal): OpenStore {
  return { state: "invalid", reason: refusal.detail, refusal };
}

function readOptions(options: StorePlan["options"], ambient: Ambient) {
  const values: Record<string, unknown> = {};
  const declared: Record<string, string> = {};
  const refusals: Refusal[] = [];
  for (const [name, option] of Object.entries(options)) {
    if (name === "enabled") continue;
    if (!isReference(option)) {
      values[name] = option;
      if (typeof option === "string") declared[name] = option;
      continue;
    }
    const value = readText(option as Reference, ambient.variable);
    if (isRefusal(value)) refusals.push(value);
    values[name] = value;
    declared[name] = value === (option as Reference).fallback ? String(value) : `$${option.variable}`;
  }
  return { values, declared, refusals };
}

function gather(refusals: readonly Refusal[]): Refusal {
  const first = refusals.find(({ outcome }) => outcome === "denied") ?? refusals[0]!;
  return { ...first, detail: list(refusals.map(({ detail }) => detail)) };
}

function tryOpen(open: StorePlan["spec"]["open"], options: Record<string, unknown>, around: Surroundings) {
  try {
    return open(options, around);
  } catch {
    return invalid("opening it threw, which is a bug in the store");
  }
}
