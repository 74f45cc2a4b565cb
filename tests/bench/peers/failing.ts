/**
 * What each peer does for a caller whose token is to be renewed, while the token is still valid and its source is down.
 *
 * @module
 */
import type { Load } from "../peers.ts";
import { VALUES } from "../values.ts";
import { AWS_WINDOW_MS, type LruModule, type Memoize } from "./caches.ts";

/** Loads a peer whose held token is in its renewal window. `request` says whether its source is down. */
export type FailingPeer = (load: Load, request: () => boolean) => Promise<() => Promise<unknown>>;

/** The cache of the AWS SDK, with the token two minutes before its expiry. */
export const awsFailing: FailingPeer = async (load, request) => {
  const { memoize } = await load<Memoize>("@smithy/property-provider");
  const expiresAt = Date.now() + AWS_WINDOW_MS * 2 / 5;
  const ask = memoize(
    () => request() ? Promise.reject(new Error("down")) : Promise.resolve(VALUES),
    () => expiresAt < Date.now() + AWS_WINDOW_MS,
    () => true,
  );
  return () => ask();
};

/** A cache that gives what is stale where a fetch fails, so that staleness is its renewal window. */
export const lruFailing: FailingPeer = async (load, request) => {
  const { LRUCache } = await load<LruModule>("lru-cache");
  const cache = new LRUCache({
    max: 10,
    ttl: 1,
    ttlResolution: 0,
    fetchMethod: () => request() ? Promise.reject(new Error("down")) : Promise.resolve(VALUES),
    noDeleteOnFetchRejection: true,
    allowStaleOnFetchRejection: true,
  });
  return () => cache.fetch("key");
};
