import { createResolver } from "../../mod.ts";
import { KEY, mintingChain, VALUES } from "./chains.ts";
import { awaited, type Row } from "./measure.ts";
import type { Load, LruCacheModule } from "./peers.ts";

/** The duration of a token request. */
const REQUEST_MS = 50;
const HOUR_MS = 3_600_000;

/** Resolves an expired token for many concurrent callers. The floor is one request. */
export async function expiredForMany(callers: number, load: Load): Promise<Row> {
  const made: Record<string, number> = {};
  const requests: Record<string, number> = {};
  const request = (by: string) => () => {
    made[by] = (made[by] ?? 0) + 1;
    return new Promise<void>((resolve) => setTimeout(resolve, REQUEST_MS));
  };
  const all = (by: string, ask: () => Promise<unknown>, expire: () => void = () => {}) =>
    awaited(async () => {
      expire();
      made[by] = 0;
      await Promise.all(Array.from({ length: callers }, ask));
      requests[by] = made[by];
    });
  let clockOffset = 0;
  const clock = {
    now: () => Date.now() + clockOffset,
    after: (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
  const resolver = createResolver(mintingChain(request("subject")), { clock });
  return {
    single: true,
    floor: awaited(request("floor")),
    subject: all("subject", () => resolver.resolve(KEY), () => clockOffset += 2 * HOUR_MS),
    peers: {
      ...await memoizePeer(request("p-memoize"), all, load),
      ...await lruPeer(request("lru-cache"), all, load),
      ...await azurePeer(request("Azure chained"), all, load),
    },
    requests: () => requests,
  };
}

type All = (by: string, ask: () => Promise<unknown>, expire?: () => void) => Row["subject"];

async function memoizePeer(request: () => Promise<void>, all: All, load: Load) {
  type Memoize = (ask: () => Promise<unknown>, options: { cache: Map<unknown, unknown> }) => () => Promise<unknown>;
  const module = await load<{ default: Memoize }>("p-memoize");
  const cache = new Map();
  const ask = module?.default(() => request().then(() => VALUES), { cache });
  return ask && { "p-memoize": all("p-memoize", ask, () => cache.clear()) };
}

async function lruPeer(request: () => Promise<void>, all: All, load: Load) {
  const module = await load<LruCacheModule>("lru-cache");
  const cache = module && new module.LRUCache({ max: 10, fetchMethod: () => request().then(() => VALUES) });
  return cache && { "lru-cache": all("lru-cache", () => cache.fetch(KEY), () => cache.clear()) };
}

/** The credential chain of the Azure SDK makes a request for every caller, since it caches in the HTTP pipeline only. */
async function azurePeer(request: () => Promise<void>, all: All, load: Load) {
  interface Credential {
    getToken(scope: string): Promise<unknown>;
  }
  const module = await load<{ ChainedTokenCredential: new (...credentials: Credential[]) => Credential }>(
    "@azure/identity",
  );
  const token = { token: VALUES.client_secret, expiresOnTimestamp: Date.now() + HOUR_MS };
  const chained = module && new module.ChainedTokenCredential({ getToken: () => request().then(() => token) });
  return chained && { "Azure chained": all("Azure chained", () => chained.getToken("bench")) };
}
