/** The peers, in the versions that the table shows; installed for the benchmarks alone. */
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

/** Loads a module of a peer, or gives nothing where rows are run without them. */
export type Load = <T>(module: string) => Promise<T | undefined>;

/** Loads from the folder in which the peers are installed. */
export const load: Load = (module) => import(module);

/** Loads nothing: a row is run by itself. */
export const loadNothing: Load = () => Promise.resolve(undefined);

/** What is used of `@smithy/property-provider`, the AWS SDK's own chain and memory. */
export interface Smithy {
  chain<T>(...providers: (() => Promise<T>)[]): () => Promise<T>;
  memoize<T>(
    provider: () => Promise<T>,
    isExpired?: (value: T) => boolean,
    requiresRefresh?: (value: T) => boolean,
  ): () => Promise<T>;
  readonly CredentialsProviderError: new (message: string, options: { tryNextLink: boolean }) => Error;
}

/** What is used of `unstorage`. */
export interface Unstorage {
  createStorage(options: { driver: unknown }): { getItem(key: string): Promise<unknown> };
}

/** What is used of `unstorage/drivers/overlay`. */
export interface Overlay {
  default(options: { layers: readonly { getItem(key: string): unknown; hasItem(key: string): boolean }[] }): unknown;
}

/** What is used of `lru-cache`. */
export interface LruCacheModule {
  readonly LRUCache: new <T>(options: { max: number; ttl?: number; fetchMethod?: () => Promise<T> }) => {
    set(key: string, value: T): void;
    get(key: string): T | undefined;
    fetch(key: string): Promise<T | undefined>;
    clear(): void;
  };
}
