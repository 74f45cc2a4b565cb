import { variables } from "../shapes/variables.ts";
import { defineStore, type StoreFactory } from "./store.ts";

/** The options of `memory`. @category Stores */
export interface MemoryOptions {
  /** What it holds, by name. For tests, and for what a program obtained itself: not for a chain in a repository. */
  readonly values?: Readonly<Record<string, string | undefined>>;
}

/**
 * A store of what the program holds itself. It counts until it is invalidated.
 *
 * @example
 * ```ts
 * import { memory } from "@alphaswarm/credentials";
 *
 * const store = memory({ priority: 500, values: { user: "reader" } });
 * ```
 * @category Stores
 */
export const memory: StoreFactory<"variables", MemoryOptions> = /* @__PURE__ */ defineStore({
  kind: "memory",
  shape: variables,
  recheck: Infinity,
  local: true,
  open: ({ values = {} }: MemoryOptions) => (name) => Object.hasOwn(values, name) ? values[name] : undefined,
});
