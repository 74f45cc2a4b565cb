/**
 * How each peer gives a value that it holds.
 *
 * @module
 */
import { awaited, sync } from "../measure.ts";
import type { Contenders, Load } from "../peers.ts";

/** A value to hold, and for how many milliseconds; without that, it does not expire. */
export interface Held {
  readonly value: object;
  readonly lifetimeMs: number | undefined;
}

/** The part of `lru-cache` that is used. */
export interface LruModule {
  readonly LRUCache: new (options: LruOptions) => {
    set(key: string, value: object): void;
    get(key: string): object | undefined;
    fetch(key: string, options?: { signal?: AbortSignal }): Promise<object | undefined>;
    clear(): void;
  };
}

interface LruOptions {
  readonly max: number;
  readonly ttl?: number;
  readonly ttlResolution?: number;
  readonly fetchMethod?: () => Promise<object>;
  readonly noDeleteOnFetchRejection?: boolean;
  readonly allowStaleOnFetchRejection?: boolean;
}

/** The part of `@smithy/property-provider` that is used: what keeps a credential in the AWS SDK. */
export interface Memoize {
  memoize<T>(
    provider: () => Promise<T>,
    isExpired?: (value: T) => boolean,
    requiresRefresh?: (value: T) => boolean,
  ): () => Promise<T>;
}

/** The window before the expiry in which the AWS SDK renews a credential. */
export const AWS_WINDOW_MS = 300_000;

/** A memoized function, which looks at the clock if its value expires. */
export interface PMemoize {
  default<T>(ask: () => Promise<T>, options: { cache: unknown }): () => Promise<T>;
}

/** The cache of the AWS SDK. */
export function awsMemoize({ value, lifetimeMs }: Held): (load: Load) => Promise<Contenders> {
  return async (load) => {
    const { memoize } = await load<Memoize>("@smithy/property-provider");
    if (lifetimeMs === undefined) return { "AWS memoize": awaited(memoize(() => Promise.resolve(value))) };
    const expiresAt = Date.now() + lifetimeMs;
    const provider = () => Promise.resolve({ ...value, expiresAt });
    const memoized = memoize(provider, (held) => held.expiresAt < Date.now() + AWS_WINDOW_MS, () => true);
    return { "AWS memoize": awaited(memoized) };
  };
}

/** A memoized function; its values expire in the map that its documentation names. */
export function pMemoize({ value, lifetimeMs }: Held): (load: Load) => Promise<Contenders> {
  return async (load) => {
    const { default: memoize } = await load<PMemoize>("p-memoize");
    const { default: ExpiryMap } = await load<{ default: new (ms: number) => unknown }>("expiry-map");
    const cache = lifetimeMs === undefined ? new Map() : new ExpiryMap(lifetimeMs);
    return { "p-memoize": awaited(memoize(() => Promise.resolve(value), { cache })) };
  };
}

/** A cache that fetches what it has not. */
export function lruFetch({ value, lifetimeMs }: Held): (load: Load) => Promise<Contenders> {
  return async (load) => {
    const { LRUCache } = await load<LruModule>("lru-cache");
    const cache = new LRUCache({
      max: 100,
      fetchMethod: () => Promise.resolve(value),
      ...(lifetimeMs !== undefined && { ttl: lifetimeMs }),
    });
    return { "lru-cache fetch": awaited(() => cache.fetch("key")) };
  };
}

/** A cache that is looked into. */
export function lruGet({ value, lifetimeMs }: Held): (load: Load) => Promise<Contenders> {
  return async (load) => {
    const { LRUCache } = await load<LruModule>("lru-cache");
    const cache = new LRUCache({ max: 100, ...(lifetimeMs !== undefined && { ttl: lifetimeMs }) });
    cache.set("key", value);
    return { "lru-cache get": sync(() => cache.get("key")) };
  };
}
