import { createResolver } from "../../mod.ts";
import { type BenchResolver, envChain, KEY, mintingChain, VARIABLES } from "./chains.ts";
import { awaited, type Row, sync } from "./measure.ts";
import type { Load, LruCacheModule, Smithy } from "./peers.ts";

const host = { env: VARIABLES };

/** Creates a resolver of a credential that expires in an hour. */
export function expiring(): BenchResolver {
  return createResolver(mintingChain(), host);
}

/** Creates a resolver of a credential that does not expire. */
export function lasting(): BenchResolver {
  return createResolver(envChain(["BENCH_"]), host);
}

/** Resolves a held credential. The floor awaits a function that reads a map, and the clock if it can expire. */
export async function warm(resolver: BenchResolver, load: Load): Promise<Row> {
  const { credential, get } = await floorOf(resolver);
  const smithy = await load<Smithy>("@smithy/property-provider");
  const provider = () => Promise.resolve(credential);
  const memoized = credential.expiresAt === undefined
    ? smithy?.memoize(provider)
    : smithy?.memoize(provider, ({ expiresAt }) => expiresAt! < Date.now() + 300_000, () => true);
  return {
    subject: awaited(() => resolver.resolve(KEY)),
    floor: awaited(() => get(KEY)),
    ...(memoized && { peers: { "AWS memoize": awaited(memoized) } }),
  };
}

/** Peeks at a held credential. The floor is the same function, not awaited. */
export async function peeking(resolver: BenchResolver, load: Load): Promise<Row> {
  const { credential, get } = await floorOf(resolver);
  const lru = await load<LruCacheModule>("lru-cache");
  const cache = lru && new lru.LRUCache<unknown>({ max: 100, ...(credential.expiresAt && { ttl: 3_600_000 }) });
  cache?.set(KEY, credential);
  return {
    subject: sync(() => resolver.peek(KEY)),
    floor: sync(() => get(KEY)),
    ...(cache && { peers: { "lru-cache": sync(() => cache.get(KEY)) } }),
  };
}

async function floorOf(resolver: BenchResolver) {
  const credential = await resolver.resolve(KEY);
  const map = new Map([[KEY, { credential, expiresAt: credential.expiresAt ?? 0 }]]);
  const plain = new Map([[KEY, credential]]);
  const checked = (key: string) => {
    const entry = map.get(key)!;
    return Date.now() < entry.expiresAt ? entry.credential : undefined;
  };
  return { credential, get: credential.expiresAt ? checked : (key: string) => plain.get(key) };
}
