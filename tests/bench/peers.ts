import type { Contender } from "./measure.ts";

/** The peers and their versions, which are installed for the benchmarks only. */
export const peers = {
  "@aws-sdk/credential-provider-env": "3.972.84",
  "@aws-sdk/credential-provider-ini": "3.973.30",
  "@aws-sdk/credential-providers": "3.1173.0",
  "@azure/identity": "4.13.1",
  "@smithy/property-provider": "4.5.2",
  "@t3-oss/env-core": "0.13.11",
  convict: "6.2.5",
  effect: "4.1.0",
  "expiry-map": "2.0.0",
  "google-auth-library": "10.9.1",
  "lru-cache": "11.5.3",
  "p-memoize": "8.0.0",
  unstorage: "1.17.6",
  valibot: "1.5.0",
} as const;

/** Loads a module of a peer. */
export type Load = <T>(module: string) => Promise<T>;

/** Loads a peer from the directory in which the peers are installed. */
export const load: Load = (module) => import(module);

/** Loads no peer. */
export const loadNothing: Load = (module) => Promise.reject(new Error(`Cannot load "${module}": expected no peer`));

/** The contenders of a peer, by name. */
export type Contenders = Readonly<Record<string, Contender>>;

/** Loads peers one after another, or none without `load`. */
export async function gather(
  load: Load | undefined,
  ...peers: readonly ((load: Load) => Promise<Contenders>)[]
): Promise<Contenders> {
  const all: Record<string, Contender> = {};
  if (load) { for (const peer of peers) Object.assign(all, await peer(load)); }
  return all;
}
