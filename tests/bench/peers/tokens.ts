/**
 * How each peer obtains a token for many callers at once, from a request that is a function of this process.
 *
 * @module
 */
import type { Load } from "../peers.ts";
import { TOKEN, VALUES } from "../values.ts";
import { AWS_WINDOW_MS, type LruModule, type Memoize, type PMemoize } from "./caches.ts";

const HOUR_MS = 3_600_000;

/** A way to get a token, and to make a held one expire. */
export interface TokenSource {
  ask(signal?: AbortSignal): Promise<unknown>;
  expire(): void;
}

/** Loads a peer, for which `request` takes as long as a request for a token. */
export type TokenPeer = (load: Load, request: () => Promise<void>) => Promise<TokenSource>;

/** The cache of the AWS SDK, whose callers share a renewal. */
export const awsToken: TokenPeer = async (load, request) => {
  const { memoize } = await load<Memoize>("@smithy/property-provider");
  let expiresAt = 0;
  const ask = memoize(
    () => request().then(() => (expiresAt = Date.now() + HOUR_MS, VALUES)),
    () => expiresAt < Date.now() + AWS_WINDOW_MS,
    () => true,
  );
  return { ask: () => ask(), expire: () => expiresAt = 0 };
};

/** A memoized function, whose callers share its promise. */
export const pMemoizeToken: TokenPeer = async (load, request) => {
  const { default: memoize } = await load<PMemoize>("p-memoize");
  const cache = new Map();
  const ask = memoize(() => request().then(() => VALUES), { cache });
  return { ask: () => ask(), expire: () => cache.clear() };
};

/** A cache whose callers share a fetch, and the signal of the first of them. */
export const lruToken: TokenPeer = async (load, request) => {
  const { LRUCache } = await load<LruModule>("lru-cache");
  const cache = new LRUCache({ max: 10, fetchMethod: () => request().then(() => VALUES) });
  return {
    ask: (signal) => signal ? cache.fetch("key", { signal }) : cache.fetch("key"),
    expire: () => cache.clear(),
  };
};

/** The chain of the Azure SDK, which holds no token: that is left to the credentials in it, and to the HTTP pipeline. */
export const azureToken: TokenPeer = async (load, request) => {
  interface Credential {
    getToken(scope: string, options?: { abortSignal: AbortSignal }): Promise<unknown>;
  }
  interface Azure {
    readonly ChainedTokenCredential: new (...credentials: readonly Credential[]) => Credential;
  }
  const { ChainedTokenCredential } = await load<Azure>("@azure/identity");
  const token = { token: TOKEN, expiresOnTimestamp: Date.now() + HOUR_MS };
  const chain = new ChainedTokenCredential({ getToken: () => request().then(() => token) });
  return {
    ask: (signal) => signal ? chain.getToken("scope", { abortSignal: signal }) : chain.getToken("scope"),
    expire: () => {},
  };
};

/** The client of Google's library for a refresh token, over a transport that is a function. */
export const googleToken: TokenPeer = async (load, request) => {
  interface Google {
    readonly UserRefreshClient: new (options: object) => {
      credentials: { access_token?: string; expiry_date?: number };
      getAccessToken(): Promise<{ token: string }>;
    };
  }
  const { UserRefreshClient } = await load<Google>("google-auth-library");
  const data = { access_token: TOKEN, expires_in: HOUR_MS / 1_000, token_type: "Bearer" };
  const adapter = (config: object) =>
    request().then(() => Object.assign(new Response(JSON.stringify(data)), { config, data }));
  const client = new UserRefreshClient({
    clientId: "bench",
    clientSecret: VALUES.client_secret,
    refreshToken: VALUES.client_secret,
    transporterOptions: { adapter },
  });
  return { ask: () => client.getAccessToken(), expire: () => client.credentials.expiry_date = 1 };
};
