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
  "lru-cache": "11.5.3",
  "p-memoize": "8.0.0",
  unstorage: "1.17.6",
  valibot: "1.5.0",
} as const;

/** Loads a module of a peer, or gives `undefined` without peers. */
export type Load = <T>(module: string) => Promise<T | undefined>;

/** Loads a peer from the directory in which the peers are installed. */
export const load: Load = (module) => import(module);

/** Loads no peer. */
export const loadNothing: Load = () => Promise.resolve(undefined);

/** The part of `@smithy/property-provider` that is used: the chain and the cache of the AWS SDK. */
export interface Smithy {
  chain<T>(...providers: (() => Promise<T>)[]): () => Promise<T>;
  memoize<T>(
    provider: () => Promise<T>,
    isExpired?: (value: T) => boolean,
    requiresRefresh?: (value: T) => boolean,
  ): () => Promise<T>;
  readonly CredentialsProviderError: new (message: string, options: { tryNextLink: boolean }) => Error;
}

/** The part of `unstorage` that is used. */
export interface Unstorage {
  createStorage(options: { driver: unknown }): { getItem(key: string): Promise<unknown> };
}

/** The part of `unstorage/drivers/overlay` that is used. */
export interface Overlay {
  default(options: { layers: readonly { getItem(key: string): unknown; hasItem(key: string): boolean }[] }): unknown;
}

/** The part of `lru-cache` that is used. */
export interface LruCacheModule {
  readonly LRUCache: new <T>(options: { max: number; ttl?: number; fetchMethod?: () => Promise<T> }) => {
    set(key: string, value: T): void;
    get(key: string): T | undefined;
    fetch(key: string): Promise<T | undefined>;
    clear(): void;
  };
}
