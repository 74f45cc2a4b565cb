import type { OptionTypes } from "../core/chain/option_types.ts";
import type { StoreFactory } from "../core/chain/store.ts";
import { storeKind } from "../core/chain/store_kind.ts";
import type { Surroundings } from "../core/chain/store_spec.ts";
import { variables } from "../core/source/variables.ts";

/**
 * The options of {@linkcode memory}.
 *
 * @example What a program was given on its command line
 * ```ts
 * import { createResolver, defineChain, memory, required } from "@alphaswarm/credentials";
 * import type { MemoryOptions } from "@alphaswarm/credentials";
 *
 * const options: MemoryOptions = { values: { user: "reader" } };
 * const chain = defineChain({
 *   stores: { args: memory({ priority: 500, ...options }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { args: { prefix: "" } } },
 *   },
 * });
 * console.log((await createResolver(chain).resolve("neo4j:basic")).source); // "args"
 * ```
 * @category Stores
 */
export interface MemoryOptions {
  /** Values by name. For tests, and for what a program itself obtains, not for a chain in a repository. */
  readonly values?: Readonly<Record<string, string | undefined>>;
}

/**
 * Creates a store of values that the program itself holds. An answer is used until it is invalidated.
 *
 * @example A value that outranks every other store
 * ```ts
 * import { memory } from "@alphaswarm/credentials";
 *
 * const store = memory({ priority: 500, values: { user: "reader" } });
 * ```
 * @category Stores
 */
export const memory: StoreFactory<"variables", MemoryOptions> = /* @__PURE__ */ storeKind({
  kind: "memory",
  shape: variables,
  recheck: Infinity,
  local: true,
  options: { values: "object|undefined" } satisfies OptionTypes<MemoryOptions>,
  open: ({ values = {} }: MemoryOptions, surroundings) => {
    const written = writtenTo(surroundings);
    return (name) => valueOf(name, written, values);
  },
  write: ({ values = {} }, surroundings) => ({ before, after }) => {
    const written = writtenTo(surroundings);
    if (Object.keys(after).some((name) => valueOf(name, written, values) !== before.value[name])) return false;
    for (const [name, value] of Object.entries(after)) written.set(name, value);
  },
});

type Written = Map<string, string | undefined>;

// Hint: several resolvers may use one chain, and what is written through one of them is visible to that one alone.
const writings = /* @__PURE__ */ new WeakMap<Surroundings, Written>();

function writtenTo(surroundings: Surroundings): Written {
  const written = writings.get(surroundings) ?? new Map();
  writings.set(surroundings, written);
  return written;
}

function valueOf(name: string, written: Written, values: NonNullable<MemoryOptions["values"]>): string | undefined {
  if (written.has(name)) return written.get(name);
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
