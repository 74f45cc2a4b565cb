import { endpoint } from "../../core/chain/endpoint.ts";
import type { Clock } from "../../core/chain/host.ts";
import { atWrongUrl, httpRefusal } from "../../core/chain/http_refusal.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import { readObject } from "./json_answer.ts";

/** How long to wait for one place before the next is asked too, in milliseconds. */
const PATIENCE_MS = 1_000;

/** The metadata of a server that the client credentials grant needs. */
export interface TokenServer {
  /** The audience of a client's assertion. */
  readonly issuer: string;
  /** Where tokens are asked for. */
  readonly token_endpoint: string;
}

/** How an issuer is asked. */
export interface DiscoveryOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly allowInsecureHttp: true | undefined;
  /** The option that gave the issuer, for details. */
  readonly option: string;
}

/** Why no server was found at one place. */
interface Reason {
  readonly refusal: Refusal;
  /** How much it says compared with those of other places. */
  readonly weight: number;
}

/**
 * Asks an issuer for its metadata, at one place after the other, until a place has them. After a second of silence the
 * next place is asked too; a late answer still counts.
 *
 * @param issuer The issuer's URL.
 * @param options How it is asked.
 * @returns The server, or the most useful reason why there is none.
 */
export async function discover(issuer: URL, options: DiscoveryOptions): Promise<TokenServer | Refusal> {
  const end = new AbortController();
  const { signal } = end;
  const abort = () => end.abort();
  options.signal.addEventListener("abort", abort);
  const tries: Promise<TokenServer>[] = [];
  try {
    for (const place of placesOf(issuer)) {
      tries.push(ask(place, issuer, { ...options, signal }));
      const found = await within(PATIENCE_MS, Promise.any(tries), options.clock);
      if (found) return found;
    }
    return await Promise.any(tries);
  } catch (error) {
    const { errors } = error as { readonly errors: readonly Reason[] };
    return errors.reduce((best, each) => each.weight > best.weight ? each : best).refusal;
  } finally {
    options.signal.removeEventListener("abort", abort);
    abort();
  }
}

/** Waits for a promise for a limited time; gives `undefined` if it rejects or takes longer. */
async function within<T>(ms: number, work: Promise<T>, clock: Clock): Promise<T | undefined> {
  let cancel = () => {};
  const patience = new Promise<undefined>((resolve) => cancel = clock.after(ms, () => resolve(undefined)));
  try {
    return await Promise.race([work.catch(() => undefined), patience]);
  } finally {
    cancel();
  }
}

/** Returns the places where an issuer's metadata may be. */
function placesOf(issuer: URL): readonly URL[] {
  const path = issuer.pathname.replace(/\/$/, "");
  const [oidc, oauth] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];
  const places = [
    path + oidc, // OpenID Connect Discovery, section 4
    oauth + path, // RFC 8414, section 3
    path + oauth, // Okta
    oidc + path, // RFC 8414, section 5
  ];
  return [...new Set(places)].map((pathname) => Object.assign(new URL(issuer), { pathname }));
}

/** Asks at one place; rejects with the reason if no server is named there. */
async function ask(place: URL, issuer: URL, options: DiscoveryOptions): Promise<TokenServer> {
  const { fetch, clock, signal, option } = options;
  const fail = (weight: number, refusal: Refusal, detail = refusal.detail): Reason => ({
    weight,
    refusal: { ...refusal, detail },
  });
  // Hint: the detail names discovery, since the token endpoint was not asked.
  const failed = (refusal: Refusal) => {
    const detail = `discovery at the issuer: ${refusal.detail}`;
    if (refusal.outcome === "unavailable") return fail(4, refusal, detail);
    return refusal.outcome === "denied" ? fail(2, refusal) : fail(1, refusal, `${detail}: ${option} may be wrong`);
  };
  const headers = { accept: "application/json" };
  const response = await fetch(place, { headers, signal }).catch((refusal: Refusal) => {
    throw failed(refusal);
  });
  if (response.status === 404 || response.status === 410) {
    throw fail(0, invalid(`the issuer has no metadata (OpenID Connect or RFC 8414): ${option} may be wrong`));
  }
  if (response.status !== 200) {
    const refusal = httpRefusal(response, { now: clock.now(), who: "discovery at the issuer" });
    // Hint: metadata are public, so a server that refuses them is not the issuer.
    throw failed(refusal.outcome === "denied" ? atWrongUrl(refusal, option) : refusal);
  }
  const metadata = await readObject(response);
  if (isRefusal(metadata)) throw failed(metadata);
  const server = serverIn(metadata, issuer, options);
  if (isRefusal(server)) throw fail(3, server);
  return server;
}

function serverIn(
  { issuer: named, token_endpoint: address }: Readonly<Record<string, unknown>>,
  issuer: URL,
  { allowInsecureHttp, option }: DiscoveryOptions,
): TokenServer | Refusal {
  if (typeof named !== "string" || !URL.canParse(named)) {
    return invalid(`the issuer's metadata is not valid: ${option} may be wrong`);
  }
  if (withoutSlash(new URL(named)) !== withoutSlash(issuer)) {
    return invalid(`the issuer's metadata names another issuer: expected ${option} as the server writes it`);
  }
  const url = endpoint(typeof address === "string" ? address : "", {
    name: "the issuer's token_endpoint",
    allowInsecureHttp,
  });
  return isRefusal(url) ? url : { issuer: named, token_endpoint: url.href };
}

function withoutSlash({ href }: URL): string {
  return href.replace(/\/$/, "");
}
