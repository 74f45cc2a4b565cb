import { isThenable } from "./eventually.ts";
import { invalid, isRefusal, type Refusal } from "./outcome.ts";

/** What marks a reference, in whatever copy of this package it was made. @category Chain */
export const REFERENCE: unique symbol = Symbol.for("@alphaswarm/credentials/reference");

/** A variable that stands for a text in a chain, read when the chain is first used. @category Chain */
export interface Reference {
  /** Marks a reference, and says what it stands for. */
  readonly [REFERENCE]: "text";
  /** The environment variable's name. */
  readonly variable: string;
  /** What counts while the variable is unset or blank. */
  readonly fallback?: string;
}

/** A variable that switches something on, read when the chain is first used. @category Chain */
export interface Flag {
  /** Marks a reference, and says what it stands for. */
  readonly [REFERENCE]: "flag";
  /** The environment variable's name. */
  readonly variable: string;
}

/**
 * Refers to an environment variable (or a Worker's binding) from a chain, which stays inert and safe to commit.
 *
 * @param variable The variable's name.
 * @param fallback What counts while it is unset or blank. Without one, an enabled store is `invalid` until it is set.
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

/** Tells a reference from a plain option, also one that another copy of this package made. */
export function isReference(value: unknown): value is Reference | Flag {
  return typeof value === "object" && value !== null && REFERENCE in value;
}

/** Reads a variable as the host has it. */
export type ReadVariable = (name: string) => unknown;

/** Whether a variable is there and not blank; one that may not be read is not. */
export function isSet(variable: string, read: ReadVariable): boolean {
  const value = read(variable);
  return typeof value === "string" ? value.trim() !== "" : value !== undefined && !isRefusal(value);
}

/** The text that a reference stands for now, or why there is none. */
export function readText(reference: Reference, read: ReadVariable): string | Refusal {
  const value = textOf(reference.variable, read);
  return value ?? reference.fallback ?? invalid(`set ${reference.variable}`);
}

const ON = ["1", "true", "yes", "on"];
const OFF = ["0", "false", "no", "off", ""];

/** What a flag says now, or why it can not be told. */
export function readFlag({ variable }: Flag, read: ReadVariable): boolean | Refusal {
  const value = textOf(variable, read) ?? "";
  if (typeof value !== "string") return value;
  const word = value.trim().toLowerCase();
  return ON.includes(word) ||
    (!OFF.includes(word) && invalid(`set ${variable} to 1, true, yes, on, 0, false, no or off`));
}

function textOf(variable: string, read: ReadVariable): string | undefined | Refusal {
  const value = read(variable);
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  if (value === undefined || isRefusal(value)) return value;
  if (isThenable(value)) Promise.resolve(value).catch(() => {});
  return invalid(`${variable} is not text that can be read at once`);
}
