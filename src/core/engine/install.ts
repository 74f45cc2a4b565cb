import type { AnyChain } from "../chain/chain.ts";
import type { Store, Stores } from "../chain/store.ts";
import { reporting } from "./plan.ts";

/** Returns a chain with one more store, and the mappings of credentials in it. */
export function withStore(chain: AnyChain, name: string, store: Store, from: object): AnyChain {
  reporting((complain) => {
    const path = `install("${name}")`;
    const known = Object.keys(chain.credentials);
    for (const key of Object.keys(from)) {
      if (!known.includes(key)) {
        complain(`${path}.from["${key}"]`, `Cannot find a credential "${key}"`, [key, known, "credentials"]);
      }
    }
    if (Object.hasOwn(chain.stores, name)) {
      complain(path, "The chain already has a store with this name: choose another name");
    }
  });
  return changed(
    chain,
    { ...chain.stores, [name]: store },
    (own, key) => ({ ...own, [name]: (from as From)[key] }),
  );
}

/** Returns a chain without a store. */
export function withoutStore(chain: AnyChain, name: string): AnyChain {
  const without = ({ [name]: _, ...rest }: From): From => rest;
  return changed(chain, without(chain.stores) as Stores, without);
}

type From = Readonly<Record<string, unknown>>;

function changed(chain: AnyChain, stores: Stores, change: (from: From, key: string) => From): AnyChain {
  const credentials = Object.entries(chain.credentials).map(([key, declared]) => [
    key,
    { ...declared, from: change(declared.from, key) },
  ]);
  return { ...chain, stores, credentials: Object.fromEntries(credentials) };
}
