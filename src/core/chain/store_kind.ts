import type { ShapeName } from "./shape.ts";
import type { Share } from "./share.ts";
import type { StoreFactory, StoreOptions, TokenStoreOptions } from "./store.ts";
import type { RuntimePart, StoreSpec } from "./store_spec.ts";

const PARTS: unique symbol = /* @__PURE__ */ Symbol.for("@alphaswarm/credentials/store");

/** What the package knows about a store besides what its type shows. */
export interface Parts {
  readonly spec: StoreSpec<ShapeName, Record<string, unknown>, string>;
  readonly options: StoreOptions & TokenStoreOptions & Readonly<Record<string, unknown>>;
  /** The options that name the credentials that it needs, without optional ones that were left out. */
  readonly needs: readonly string[];
  /** The parts of the runtime that it is opened with. */
  readonly uses: readonly RuntimePart[];
}

/** Creates the factory of a kind of store. It uses the parts of the runtime that its spec names, unless others are given. */
// @__NO_SIDE_EFFECTS__
export function storeKind<
  S extends ShapeName,
  O extends object = object,
  const Need extends string = never,
  Request = unknown,
  const Version extends string = never,
>(
  spec: StoreSpec<S, O, Need, Request, Version>,
  uses: readonly RuntimePart[] = spec.uses ?? [],
): StoreFactory<S, O, NoInfer<Need>, NoInfer<Request>, NoInfer<Version>> {
  const names = needNames(spec);
  const factory = (options: StoreOptions & Record<string, unknown>) => {
    const needs = names.length === 0
      ? names
      : names.filter((name, at) => name === spec.needs![at] || options[name] !== undefined);
    const parts = { spec, options, needs, uses } as unknown as Parts;
    const share = options.share as Share | undefined;
    const keys = needs.length === 0 ? needs : needs.map((name) => options[name]);
    const store = {
      kind: spec.kind,
      shape: spec.shape,
      priority: options.priority,
      needs: share ? keys.concat(share.needs) : keys,
    };
    // Hint: a function, since options may hold what must not be printed, and Bun prints properties that are not
    // enumerable.
    return Object.defineProperty(store, PARTS, { value: (): Parts => parts });
  };
  return factory as unknown as StoreFactory<S, O, NoInfer<Need>, NoInfer<Request>, NoInfer<Version>>;
}

/** Returns the options that name a store's needs, optional ones included. */
export function needNames({ needs = [] }: { readonly needs?: readonly string[] }): readonly string[] {
  return needs.map((name) => name.replace("?", ""));
}

/** Returns the parts of a store, whichever copy of this package made it; `undefined` for what is not a store. */
export function partsOf(store: unknown): Parts | undefined {
  return (store as { readonly [PARTS]?: () => Parts } | null | undefined)?.[PARTS]?.();
}
