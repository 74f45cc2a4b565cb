import { createResolver } from "../../mod.ts";
import { KEY, mintingChain, VALUES } from "./chains.ts";
import { awaited, type Row } from "./measure.ts";
import type { Load, LruCacheModule } from "./peers.ts";

/** How long a token request takes, in milliseconds. */
const REQUEST = 50;
const HOUR = 3_600_000;

/** Many callers at once want a token that has expired. The floor is one request. */
export async function expiredForMany(callers: number, load: Load): Promise<Row> {
  const made: Record<string, number> = {};
  const requests: Record<string, number> = {};
  const request = (by: string) => () => {
    made[by] = (made[by] ?? 0) + 1;
    return new Promise<void>((resolve) => setTimeout(resolve, REQUEST));
  };
  const all = (by: string, ask: () => Promise<unknown>, expire: () => void = () => {}) =>
    awaited(async () => {
      expire();
      made[by] = 0;
      await Promise.all(Array.from({ length: callers }, ask));
      requests[by] = made[by];
    });
  let ahead = 0;
  const clock = {
    now: () => Date.now() + ahead,
    after: (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
  const resolver = createResolver(mintingChain(request("subject")), { clock });
  return {
    single: true,
    floor: awaited(request("floor")),
    subject: all("subject", () => resolver.resolve(KEY), () => ahead += 2 * HOUR),
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

/** The Azure SDK's chain of credentials asks for every caller: its memory is in the HTTP pipeline above it. */
async function azurePeer(request: () => Promise<void>, all: All, load: Load) {
  interface Credential {
    getToken(scope: string): Promise<unknown>;
  }
  const module = await load<{ ChainedTokenCredential: new (...credentials: Credential[]) => Credential }>(
    "@azure/identity",
  );
  const token = { token: VALUES.client_secret, expiresOnTimestamp: Date.now() + HOUR };
  const chained = module && new module.ChainedTokenCredential({ getToken: () => request().then(() => token) });
  return chained && { "Azure chained": all("Azure chained", () => chained.getToken("bench")) };
}
