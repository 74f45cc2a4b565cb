import { createResolver, defineChain, env, optional, required, type StoreOptions, token } from "../../../mod.ts";
import type { Refusal, TokenStoreOptions } from "../../../mod.ts";
import { scriptedStore, testHost, type TestHostOptions } from "../../../src/testing/mod.ts";

/** The request for a token in these tests. */
export interface TokenRequest {
  readonly resource?: string;
}

/** The options of the chain and of its server. */
export interface MintedOptions {
  /** The token store's other options. */
  readonly store?: Partial<StoreOptions & TokenStoreOptions>;
  readonly host?: TestHostOptions;
  /** The tokens' lifetime in seconds; an hour by default. */
  readonly lifetime?: unknown;
}

/**
 * Creates a chain with a token store: `"a:token"` and `"b:token"` request the same token, `"c:token"` another, and only
 * `"a:token"` has the environment below it.
 */
export function minted({ store = {}, host: options = {}, lifetime = 3_600 }: MintedOptions = {}) {
  const host = testHost({ env: { M2M_CLIENT_ID: "id", M2M_CLIENT_SECRET: "not-a-secret" }, ...options });
  const script = scriptedStore<"token", "client", TokenRequest>({ shape: token, needs: ["client"], later: true });
  let count = 0;
  const server = {
    lifetime,
    /** What it answers instead of a token. */
    refusal: undefined as Refusal | undefined,
    /** The promise that each answer waits for. */
    gate: undefined as Promise<void> | undefined,
    /** How many tokens it has minted. */
    get tokens() {
      return count;
    },
    /** How often it was asked. */
    get requests() {
      return script.asked.length;
    },
  };
  script.answer = async (_, { need }) => {
    const client = await need("client");
    await server.gate;
    if (server.refusal) return server.refusal;
    return {
      values: { access_token: `token-${++count}`, client: client.get("client_secret") },
      ...(server.lifetime === undefined ? {} : { expiresIn: server.lifetime }),
    };
  };
  const fields = { token: required(), client: optional() };
  const named = { token: "access_token", client: "client" };
  const chain = defineChain({
    stores: {
      m2m: script.store({ priority: 300, client: "m2m:client", ...store }),
      env: env({ priority: 100 }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { env: { prefix: "M2M_" } },
      },
      "a:token": { fields, from: { m2m: { resource: "a", fields: named }, env: { fields: { token: "A_TOKEN" } } } },
      "b:token": { fields, from: { m2m: { resource: "a", fields: named } } },
      "c:token": { fields, from: { m2m: { resource: "c", fields: named } } },
    },
  });
  return { host, clock: host.clock, server, chain, resolver: createResolver(chain, host) };
}

/** Creates a promise that a test resolves. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
