import { createResolver } from "../../../mod.ts";
import { type BenchResolver, envChain, KEY, mintingChain, prefixes, sharingChain, VARIABLES } from "../chains.ts";
import { awaited, type Contest, sync } from "../measure.ts";
import { gather, type Load } from "../peers.ts";
import { awsMemoize, type Held, lruFetch, lruGet, pMemoize } from "../peers/caches.ts";
import { VALUES } from "../values.ts";

const HOUR_MS = 3_600_000;
const SEAL_BYTES = 32;
const host = { env: VARIABLES };

/** Creates a resolver of a credential that expires in an hour. */
export function expiring(): BenchResolver {
  return createResolver(mintingChain(), host);
}

/** Creates a resolver of a credential that does not expire. */
export function lasting(): BenchResolver {
  return createResolver(envChain(prefixes(1)), host);
}

/** Resolves a held credential. The floor awaits a promise from a map, after a look at the clock if it can expire. */
export async function warm(resolver: BenchResolver, load?: Load): Promise<Contest> {
  const credential = await resolver.resolve(KEY);
  const held = heldAs(credential.expiresAt);
  const get = handWritten(Promise.resolve(credential), credential.expiresAt);
  return {
    subject: awaited(() => resolver.resolve(KEY)),
    floor: awaited(() => get(KEY)),
    peers: await gather(load, awsMemoize(held), lruFetch(held), pMemoize(held)),
  };
}

/** Resolves a held token that is shared. The floor is this package with a token that is not. */
export async function warmShared(): Promise<Contest> {
  const shared = createResolver(sharingChain(), { env: { BENCH_SEAL_KEY: btoa("\0".repeat(SEAL_BYTES)) } });
  const alone = expiring();
  const { trace } = await shared.resolve(KEY);
  if (trace[0]?.shared !== "minted") throw new Error("The token was not shared");
  await alone.resolve(KEY);
  return { subject: awaited(() => shared.resolve(KEY)), floor: awaited(() => alone.resolve(KEY)) };
}

/** Peeks at a held credential. The floor reads it from a map, after a look at the clock if it can expire. */
export async function peeking(resolver: BenchResolver, load?: Load): Promise<Contest> {
  const credential = await resolver.resolve(KEY);
  const get = handWritten(credential, credential.expiresAt);
  const checked = handWritten(credential, Infinity);
  return {
    subject: sync(() => resolver.peek(KEY)),
    floor: sync(() => get(KEY)),
    ...(credential.expiresAt === undefined && { own: { "map and clock": sync(() => checked(KEY)) } }),
    peers: await gather(load, lruGet(heldAs(credential.expiresAt))),
  };
}

function handWritten<T>(held: T, expiresAt: number | undefined): (key: string) => T | undefined {
  if (expiresAt === undefined) {
    const map = new Map([[KEY as string, held]]);
    return (key) => map.get(key);
  }
  const map = new Map([[KEY as string, { held, expiresAt }]]);
  return (key) => {
    const entry = map.get(key)!;
    return Date.now() < entry.expiresAt ? entry.held : undefined;
  };
}

function heldAs(expiresAt: number | undefined): Held {
  return { value: VALUES, lifetimeMs: expiresAt === undefined ? undefined : HOUR_MS };
}
