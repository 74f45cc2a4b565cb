import { callSafely, isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient, Clock, Host, Variables } from "../chain/host.ts";
import { MAX_TIMER_MS } from "../chain/limits.ts";
import { denied, invalid, isBrokenText, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { lookAt, onWorkerd } from "./globals.ts";

/** Fills what a host leaves out with the runtime's own. */
export function ambient(host: Host = {}): Ambient {
  const { env = processVariable } = host;
  return {
    variable: (name) => readVariable(env, name),
    files: host.files,
    asyncFiles: host.asyncFiles,
    fetch: host.fetch ?? ((input, init) => fetch(input, init)),
    clock: host.clock ?? systemClock,
    // Hint: as methods, since a host may be an instance of a class; a runtime's own `fetch` may not be called as one.
    random: host.random ? () => host.random!() : Math.random,
    log: host.log && ((event) => callSafely(() => host.log!(event))),
    requestBound: host.requestBound ?? onWorkerd(),
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

type Text = string | undefined | Refusal;

// Hint: on Deno, touching `process.env` once costs 14 ms of start-up.
/** Reads a variable of the process, by its own name: listing them would need permission for all. */
function processVariable(name: string): unknown {
  const deno = lookAt(({ Deno }) => Deno?.env);
  return deno ? deno.get(name) : lookUp(lookAt(({ process }) => process?.env) ?? {}, name);
}

/** Reads a variable or a binding as text; a Secrets Store's binding answers later. */
function readVariable(env: Variables, name: string): MaybePromise<Text> {
  try {
    const value = lookUp(env, name) as { readonly get?: unknown } | null | undefined;
    const text = typeof value?.get === "function" ? value.get() : value;
    return isThenable(text) ? text.then((later) => textOf(name, later), () => unreadable(name)) : textOf(name, text);
  } catch (error) {
    return unreadable(name, error);
  }
}

function lookUp(env: Variables, name: string): unknown {
  if (typeof env === "function") return env(name);
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

function textOf(name: string, value: unknown): Text {
  if (typeof value === "string") return isBrokenText(value) ? invalid(`${name} is not valid UTF-8 text`) : value;
  return value === undefined || isRefusal(value) ? value : invalid(`${name} is not text`);
}

// Hint: Deno throws `InvalidData` for bytes that are not valid UTF-8, where others put U+FFFD in their place.
function unreadable(name: string, error?: unknown): Text {
  const kind = Object(error).name;
  if (kind === "NotCapable") return denied(`needs --allow-env=${name}`);
  return kind === "InvalidData" ? textOf(name, "\0") : unavailable(`the binding ${name} cannot be read`);
}
