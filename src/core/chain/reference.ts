import { ignoreRejection } from "./eventually.ts";
import { invalid, isRefusal, type Refusal } from "./outcome.ts";

/** Marks a reference, whichever copy of this package made it. @category Chain */
export const REFERENCE: unique symbol = /* @__PURE__ */ Symbol.for("@alphaswarm/credentials/reference");

/** An environment variable in place of a string option, read when the chain is first used. @category Chain */
export interface Reference {
  /** Marks a reference, and tells its kind. */
  readonly [REFERENCE]: "text";
  /** The environment variable's name. */
  readonly variable: string;
  /** The value while the variable is unset or blank. */
  readonly fallback?: string;
}

/** An environment variable that switches a store on, read when the chain is first used. @category Chain */
export interface Flag {
  /** Marks a reference, and tells its kind. */
  readonly [REFERENCE]: "flag";
  /** The environment variable's name. */
  readonly variable: string;
}

/**
 * Refers to an environment variable (or a Worker's binding) from a chain, which stays inert and safe to commit.
 *
 * @param variable The variable's name.
 * @param fallback The value while it is unset or blank. Without one, an enabled store is `invalid` until it is set.
 * @returns The reference; nothing is read yet.
 *
 * @example
 * ```ts
 * import { file, fromEnv } from "@alphaswarm/credentials";
 *
 * const store = file({ priority: 200, directory: fromEnv("STATE_DIR", "data/bootstrap") });
 * ```
 * @category Chain
 */
export function fromEnv(variable: string, fallback?: string): Reference {
  return { [REFERENCE]: "text", variable, ...(fallback === undefined ? {} : { fallback }) };
}

/**
 * Refers to an environment variable that is `1`, `true`, `yes`, `on` or `0`, `false`, `no`, `off`, in any case.
 * Unset or blank is off.
 *
 * @param variable The variable's name.
 * @returns The reference; nothing is read yet.
 * @category Chain
 */
export function flag(variable: string): Flag {
  return { [REFERENCE]: "flag", variable };
}

/** Whether an option is a reference, whichever copy of this package made it. */
export function isReference(value: unknown): value is Reference | Flag {
  return (value as Partial<Reference> | null | undefined)?.[REFERENCE] !== undefined;
}

/** Whether a value is a flag. */
export function isFlag(value: unknown): value is Flag {
  return isReference(value) && value[REFERENCE] !== "text";
}

/** Reads a variable of the host. */
export type ReadVariable = (name: string) => unknown;

/** Returns the current value of a reference, or why there is none. */
export function readText(reference: Reference, read: ReadVariable): string | Refusal {
  const value = textOf(reference.variable, read);
  return value ?? reference.fallback ?? invalid(`${reference.variable} is not set`);
}

/** Returns the current value of a flag, or why it cannot be read. */
export function readFlag({ variable }: Flag, read: ReadVariable): boolean | Refusal {
  const value = textOf(variable, read) ?? "no";
  if (isRefusal(value)) return value;
  const text = value.trim();
  return /^(1|true|yes|on)$/i.test(text) || (!/^(0|false|no|off)$/i.test(text) &&
    invalid(`${variable} is not a flag: expected 1, true, yes, on, 0, false, no or off`));
}

function textOf(variable: string, read: ReadVariable): string | undefined | Refusal {
  const value = read(variable);
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  if (value === undefined || isRefusal(value)) return value;
  ignoreRejection(value);
  return invalid(`${variable} is not text that can be read synchronously`);
}
