import { isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Variables } from "../chain/host.ts";
import { denied, invalid, isBrokenText, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { lookAt } from "./globals.ts";

type Text = string | undefined | Refusal;

// Hint: on Deno, touching `process.env` once costs 14 ms of start-up.
/** Reads a single variable of the process, since listing them would need permission for all. */
export function processVariable(name: string): unknown {
  const deno = lookAt(({ Deno }) => Deno?.env);
  return deno ? deno.get(name) : lookUp(lookAt(({ process }) => process?.env) ?? {}, name);
}

/** Reads a variable or a binding as text; a Secrets Store's binding gives a promise. */
export function readVariable(env: Variables, name: string): MaybePromise<Text> {
  try {
    const value = lookUp(env, name);
    if (value === undefined || typeof value === "string") return textOf(name, value);
    const binding = value as { readonly get?: unknown } | null;
    const text = typeof binding?.get === "function" ? binding.get() : value;
    return isThenable(text) ? text.then((later) => textOf(name, later), () => unreadable(name)) : textOf(name, text);
  } catch (error) {
    return unreadable(name, error);
  }
}

function lookUp(env: Variables, name: string): unknown {
  if (typeof env === "function") return env(name);
  let value;
  try {
    value = (env as Readonly<Record<string, unknown>>)[name];
  } catch (error) {
    // Hint: a proxy may throw for a name that it lacks.
    if (Object.hasOwn(env, name)) throw error;
  }
  // Hint: `hasOwn` comes last, since on `process.env` it costs as much as reading the variable.
  return value !== undefined && name in (Object.getPrototypeOf(env) ?? {}) && !Object.hasOwn(env, name)
    ? undefined
    : value;
}

function textOf(name: string, value: unknown): Text {
  if (typeof value === "string") return isBrokenText(value) ? invalid(`${name} is not valid UTF-8 text`) : value;
  return value === undefined || isRefusal(value) ? value : invalid(`${name} is not text`);
}

// Hint: Deno throws `InvalidData` for bytes that are not valid UTF-8, which others replace with U+FFFD.
function unreadable(name: string, error?: unknown): Text {
  const kind = Object(error).name;
  if (kind === "NotCapable") return denied(`needs --allow-env=${name}`);
  return kind === "InvalidData" ? textOf(name, "\0") : unavailable(`the binding ${name} cannot be read`);
}
