import { createResolver } from "../../../mod.ts";
import { type BenchResolver, envChain, KEY, mintingChain, prefixes, VARIABLES } from "../chains.ts";
import { awaited, type Contest, sync } from "../measure.ts";
import { gather, type Load } from "../peers.ts";
import { awsMemoize, type Held, lruFetch, lruGet, pMemoize } from "../peers/caches.ts";
import { VALUES } from "../values.ts";

const HOUR_MS = 3_600_000;
const host = { env: VARIABLES };

/** Creates a resolver of a credential that expires in an hour. */
export function expiring(): BenchResolver {
  return createResolver(mintingChain(), host);
}

/** Creates a resolver of a credential that does not expire. */
export function lasting(): BenchResolver {
  return createResolver(envChain(prefixes(1)), host);
}

/** Resolves a held credential. The floor awaits a function that reads a map, and the clock if it can expire. */
export async function warm(resolver: BenchResolver, load?: Load): Promise<Contest> {
  const { get, held } = await hold(resolver);
  return {
    subject: awaited(() => resolver.resolve(KEY)),
    floor: awaited(() => get(KEY)),
    peers: await gather(load, awsMemoize(held), lruFetch(held), pMemoize(held)),
  };
}

/** Peeks at a held credential. The floor is the same function, not awaited. */
export async function peeking(resolver: BenchResolver, load?: Load): Promise<Contest> {
  const { get, held } = await hold(resolver);
  return {
    subject: sync(() => resolver.peek(KEY)),
    floor: sync(() => get(KEY)),
    peers: await gather(load, lruGet(held)),
  };
}

async function hold(resolver: BenchResolver) {
  const credential = await resolver.resolve(KEY);
  const { expiresAt } = credential;
  const held: Held = { value: VALUES, lifetimeMs: expiresAt && HOUR_MS };
  if (expiresAt === undefined) {
    const map = new Map([[KEY, credential]]);
    return { held, get: (key: typeof KEY) => map.get(key) };
  }
  const map = new Map([[KEY, { credential, expiresAt }]]);
  const get = (key: typeof KEY) => {
    const entry = map.get(key)!;
    return Date.now() < entry.expiresAt ? entry.credential : undefined;
  };
  return { held, get };
}
