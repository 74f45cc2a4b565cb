import { isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Variables } from "../chain/host.ts";
import { denied, invalid, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { runtime } from "./globals.ts";

type Text = string | undefined | Refusal;

// Hint: on Deno, touching `process.env` once costs 14 ms of start-up.
/** Reads a variable of the process, by its own name: listing them would need permission for all. */
export function processVariable(name: string): unknown {
  if (!runtime.Deno) return lookUp(runtime.process?.env ?? {}, name);
  try {
    return runtime.Deno.env.get(name);
  } catch {
    return denied(`needs --allow-env=${name}`);
  }
}

/** Reads a variable or a binding as text; a Secrets Store's binding answers later. */
export function readVariable(env: Variables, name: string): MaybePromise<Text> {
  try {
    return readBinding(name, lookUp(env, name));
  } catch {
    return unanswered(name);
  }
}

function lookUp(env: Variables, name: string): unknown {
  if (typeof env === "function") return env(name);
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

function readBinding(name: string, value: unknown): MaybePromise<Text> {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) return typeof value === "string" ? value : notText(name, value);
  if (isRefusal(value)) return value;
  const later = "get" in value && typeof value.get === "function" ? value.get() : value;
  if (!isThenable(later)) return notText(name, later);
  return later.then(
    (text) => typeof text === "string" ? text : notText(name, text),
    () => unanswered(name),
  );
}

function unanswered(name: string): Refusal {
  return unavailable(`the binding ${name} cannot be read`);
}

function notText(name: string, value: unknown): undefined | Refusal {
  return value === undefined || isRefusal(value) ? value : invalid(`${name} is not text`);
}
