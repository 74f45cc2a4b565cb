import { storeKind } from "../core/chain/store_kind.ts";
import type { ShapeName } from "../core/chain/shape.ts";
import type { StoreFactory } from "../core/chain/store.ts";
import type { StoreSpec } from "../core/chain/store_spec.ts";
import { network } from "../core/runtime/bounded_fetch.ts";

/**
 * Defines a kind of store by one look-up. Blank values, locators, templates, schemas, the trace and freshness are
 * handled outside it, in the same way for every store.
 *
 * @typeParam S The shape's name.
 * @typeParam O The store's own options.
 * @param spec What the store is.
 * @returns A factory that takes a priority and the options, and creates a store for {@linkcode defineChain}.
 *
 * @example Consul's key-value store
 * ```ts
 * import { defineStore, denied, unavailable, variables } from "@alphaswarm/credentials";
 *
 * const consul = defineStore({
 *   kind: "consul",
 *   shape: variables,
 *   recheck: 5_000,
 *   options: ["url"],
 *   open: ({ url }: { url: string }, { fetch }) => async (name, { signal }) => {
 *     const answer = await fetch(`${url}/v1/kv/${name}?raw`, { signal });
 *     if (answer.status === 404) return undefined;
 *     if (answer.status === 403) return denied("needs key:read on this prefix");
 *     return answer.ok ? await answer.text() : unavailable(`HTTP ${answer.status}`);
 *   },
 * });
 * const store = consul({ priority: 150, url: "http://127.0.0.1:8500" });
 * ```
 * @category Writing a store
 */
// @__NO_SIDE_EFFECTS__
export function defineStore<
  S extends ShapeName,
  O extends object = object,
  const Need extends string = never,
  Request = unknown,
  const Version extends string = never,
>(
  spec: StoreSpec<S, O, Need, Request, Version>,
): StoreFactory<S, O, NoInfer<Need>, NoInfer<Request>, NoInfer<Version>> {
  return storeKind(spec, [network, ...spec.uses ?? []]);
}
