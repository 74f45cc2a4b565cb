import { ignoreRejection } from "./eventually.ts";
import { invalid, isRefusal, type Refusal } from "./outcome.ts";

/**
 * Marks a reference, whichever copy of this package made it. Only its type is exported.
 *
 * @example An object without the mark is not a reference
 * ```ts
 * import { fromEnv, type Reference } from "@alphaswarm/credentials";
 *
 * const directory: Reference = fromEnv("STATE_DIR");
 * // @ts-expect-error: the mark is missing
 * const other: Reference = { variable: "STATE_DIR" };
 * ```
 * @category References
 */
export const REFERENCE: unique symbol = /* @__PURE__ */ Symbol.for("@alphaswarm/credentials/reference");

/**
 * An environment variable in place of a string option, read when the chain is first used.
 *
 * @example What a reference says, before anything is read
 * ```ts
 * import { fromEnv, type Reference } from "@alphaswarm/credentials";
 *
 * const directory: Reference = fromEnv("STATE_DIR", "data/bootstrap");
 * console.log(directory.variable, directory.fallback); // "STATE_DIR", "data/bootstrap"
 * ```
 * @category References
 */
export interface Reference {
  /** Marks a reference, and tells its kind. */
  readonly [REFERENCE]: "text";
  /** The environment variable's name. */
  readonly variable: string;
  /** The value while the variable is unset or blank; a blank fallback leaves the option out. */
  readonly fallback?: string;
}

/**
 * An environment variable that switches a store on, read when the chain is first used.
 *
 * @example One flag for a store and for the callers' defaults
 * ```ts
 * import { defineChain, env, file, type Flag, flag, required } from "@alphaswarm/credentials";
 *
 * const production: Flag = flag("PRODUCTION");
 * const chain = defineChain({
 *   stores: {
 *     file: file({ priority: 200, directory: "/var/lib/app", enabled: production }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "neo4j:basic": { fields: { password: required() }, from: { file: "neo4j.json" } },
 *   },
 *   defaults: { forbidWhen: production },
 * });
 * ```
 * @category References
 */
export interface Flag {
  /** Marks a reference, and tells its kind: the variable's value counts (`"flag"`), or whether it is set (`"set"`). */
  readonly [REFERENCE]: "flag" | "set";
  /** The environment variable's name. */
  readonly variable: string;
}

/**
 * Refers to an environment variable (or a Worker's binding) from a chain, which stays inert and safe to commit. It may
 * stand for any text among a store's own options and among the parameters of a token mapping, within lists and objects
 * too.
 *
 * @param variable The variable's name.
 * @param fallback The value while it is unset or blank; `""` leaves the option, the member or the parameter out.
 * Without one, an enabled store is `invalid` until it is set; so is a store that cannot do without the option that `""`
 * leaves out.
 * @returns The reference; nothing is read yet.
 *
 * @example A directory that the deployment may choose
 * ```ts
 * import { file, fromEnv } from "@alphaswarm/credentials";
 *
 * const store = file({ priority: 200, directory: fromEnv("STATE_DIR", "data/bootstrap") });
 * ```
 * @category References
 */
export function fromEnv(variable: string, fallback?: string): Reference {
  return { [REFERENCE]: "text", variable, ...(fallback === undefined ? {} : { fallback }) };
}

/**
 * Refers to an environment variable that is `1`, `true`, `yes`, `on` or `0`, `false`, `no`, `off`, in any case. Unset
 * or blank is off.
 *
 * @param variable The variable's name.
 * @returns The reference; nothing is read yet.
 *
 * @example A store that is off unless the variable is on
 * ```ts
 * import { createResolver, defineChain, file, flag, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: {
 *     file: file({ priority: 200, directory: "data", enabled: flag("STATE_ENABLED") }),
 *   },
 *   credentials: {
 *     "neo4j:basic": { fields: { password: required() }, from: { file: "neo4j.json" } },
 *   },
 * });
 * const [store] = createResolver(chain, { env: { STATE_ENABLED: "no" } }).describe().stores;
 * console.log(store?.state); // "off"
 * ```
 * @category References
 */
export function flag(variable: string): Flag {
  return { [REFERENCE]: "flag", variable };
}

/**
 * Refers to an environment variable as a flag that is true if the variable is set and not blank, whatever its value.
 *
 * @param variable The variable's name.
 * @returns The reference; nothing is read yet.
 *
 * @example A store that is asked if it is both wanted and configured
 * ```ts
 * import { file, flag, fromEnv, whenSet } from "@alphaswarm/credentials";
 *
 * const store = file({
 *   priority: 200,
 *   enabled: [flag("STATE_ENABLED"), whenSet("STATE_DIR")], // all of them
 *   directory: fromEnv("STATE_DIR"),
 * });
 * ```
 * @category References
 */
export function whenSet(variable: string): Flag {
  return { [REFERENCE]: "set", variable };
}

/**
 * A store's own options, or the parameters of a request, as a chain writes them.
 *
 * @typeParam O The options, as the store gets them.
 *
 * @example A reference in place of a text, at any depth
 * ```ts
 * import { fromEnv, type Options } from "@alphaswarm/credentials";
 *
 * interface ConsulOptions {
 *   readonly url: string;
 *   readonly headers?: { readonly [name: string]: string };
 * }
 * const options: Options<ConsulOptions> = {
 *   url: fromEnv("CONSUL_URL"),
 *   // Left out while the variable is not set.
 *   headers: { "X-Consul-Namespace": fromEnv("CONSUL_NAMESPACE", "") },
 * };
 * ```
 * @category References
 */
export type Options<O> = { readonly [N in keyof O]: Referable<O[N]> };

// Hint: what has methods, such as a URL or a client, is not plain data, and no reference in it would be read.
/**
 * A value in which every text may be a reference, also within lists and plain objects.
 *
 * @typeParam T The value, as the store gets it.
 *
 * @example A list with an item that a variable gives
 * ```ts
 * import { fromEnv, type Referable } from "@alphaswarm/credentials";
 *
 * const scopes: Referable<readonly string[]> = ["catalog:read", fromEnv("EXTRA_SCOPE", "")];
 * ```
 * @category References
 */
export type Referable<T> =
  | T
  | (T extends string ? Reference
    : T extends readonly unknown[] ? Options<T>
    : T extends object ? Extract<T[keyof T], (...args: never) => unknown> extends never ? Options<T> : never
    : never);

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
export function readText({ variable, fallback }: Reference, read: ReadVariable): string | Refusal {
  return textOf(variable, read) ?? fallback ?? notSet(variable);
}

/** Returns the refusal for a variable that is not set. */
export function notSet(variable: string): Refusal {
  return invalid(`${variable} is not set`);
}

/** Returns the current value of a flag, or why it cannot be read. */
export function readFlag({ variable, [REFERENCE]: kind }: Flag, read: ReadVariable): boolean | Refusal {
  const value = textOf(variable, read);
  if (isRefusal(value)) return value;
  if (kind === "set" || value === undefined) return value !== undefined;
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
