import { variables } from "../shapes/variables.ts";
import { defineStore, type StoreFactory, type Surroundings } from "./store.ts";

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
  open: ({ values = {} }: MemoryOptions, around) => {
    const written = writtenTo(around);
    return (name) => valueOf(name, written, values);
  },
  write: ({ values = {} }, around) => ({ before, after }) => {
    const written = writtenTo(around);
    if (Object.keys(after).some((name) => valueOf(name, written, values) !== before[name])) return false;
    for (const [name, value] of Object.entries(after)) written.set(name, value);
  },
});

type Written = Map<string, string | undefined>;

// Hint: a chain is inert and several resolvers may use it, so what one of them was given stays with that one.
const writings = /* @__PURE__ */ new WeakMap<Surroundings, Written>();

function writtenTo(around: Surroundings): Written {
  const written = writings.get(around) ?? new Map();
  writings.set(around, written);
  return written;
}

function valueOf(name: string, written: Written, values: NonNullable<MemoryOptions["values"]>): string | undefined {
  if (written.has(name)) return written.get(name);
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
