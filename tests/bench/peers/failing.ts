/**
 * What each peer does for a caller whose token is to be renewed, while the token is still valid and its source is down.
 *
 * @module
 */
import type { Load } from "../peers.ts";
import { VALUES } from "../values.ts";
import { AWS_WINDOW_MS, type LruModule, type Memoize } from "./caches.ts";

/** A way to get a token, of which one is held that is in its renewal window. */
export interface Renewing {
  readonly held: unknown;
  ask(): Promise<unknown>;
}

const LIFETIME_MS = 5;

/** Loads a peer that obtained a token. A request that is made later fails if `request` returns that its source is down. */
export type FailingPeer = (load: Load, request: () => boolean) => Promise<Renewing>;

/** The cache of the AWS SDK, with the token two minutes before its expiry. */
export const awsFailing: FailingPeer = async (load, request) => {
  const { memoize } = await load<Memoize>("@smithy/property-provider");
  const expiresAt = Date.now() + AWS_WINDOW_MS * 2 / 5;
  const ask = memoize(
    () => request() ? Promise.reject(new Error("down")) : Promise.resolve(VALUES),
    () => expiresAt < Date.now() + AWS_WINDOW_MS,
    () => true,
  );
  return { held: await ask(), ask: () => ask() };
};

/** A cache that gives what is stale where a fetch fails, so that staleness is its renewal window. */
export const lruFailing: FailingPeer = async (load, request) => {
  const { LRUCache } = await load<LruModule>("lru-cache");
  const cache = new LRUCache({
    max: 10,
    ttl: LIFETIME_MS,
    ttlResolution: 0,
    fetchMethod: () => request() ? Promise.reject(new Error("down")) : Promise.resolve(VALUES),
    noDeleteOnFetchRejection: true,
    allowStaleOnFetchRejection: true,
  });
  const held = await cache.fetch("key");
  await new Promise((resolve) => setTimeout(resolve, 2 * LIFETIME_MS));
  return { held, ask: () => cache.fetch("key") };
};
