import { endpoint } from "../../core/chain/endpoint.ts";
import { httpRefusal } from "../../core/chain/http_refusal.ts";
import type { OptionTypes } from "../../core/chain/option_types.ts";
import { denied, invalid, isRefusal, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { NeededCredential, Surroundings } from "../../core/chain/store_spec.ts";
import { boundedFetch } from "../../core/runtime/bounded_fetch.ts";

/** Where a server of HashiCorp Vault or OpenBao is. @category Stores */
export interface VaultOptions {
  /** The server's URL, such as `https://vault.example:8200`. */
  readonly url: string;
  /** The namespace, for servers that have them (OpenBao 2.3, Vault Enterprise and HCP): that they do is verified. */
  readonly namespace?: string;
  /** Allows plain http to hosts other than loopback. Anybody on the network path can read the tokens and the secrets. */
  readonly allowInsecureHttp?: true;
}

const TYPES: OptionTypes<VaultOptions> = {
  url: "string",
  namespace: "string|undefined",
  allowInsecureHttp: "boolean|undefined",
};

// Hint: a bundler keeps a spread at module scope, which may run code, in every bundle.
/** Returns the types of the options that all stores of a server have, and of a store's own. */
// @__NO_SIDE_EFFECTS__
export function withServerTypes<O extends object>(own: O): O & typeof TYPES {
  return { ...TYPES, ...own };
}

/** A request to the server. */
export interface VaultRequest {
  readonly method?: "GET" | "POST";
  /** The path below `/v1/`, as `pathOf` writes it. */
  readonly path: string;
  readonly token?: string;
  readonly body?: object;
  readonly signal: AbortSignal;
}

/** An answer of the server that says something of what was asked for. */
export interface VaultAnswer {
  readonly status: number;
  readonly response: Response;
  /** Its JSON; nothing of an answer that has none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What it says is wrong: to be matched with words that are known, and never shown. */
  readonly errors: string | undefined;
}

/** Sends a request to the server; what says nothing of the thing that was asked for is a refusal. */
export type CallVault = (request: VaultRequest) => Promise<VaultAnswer | Refusal>;

/** How long it counts that a server has namespaces: another one may take its place. */
const NAMESPACES_MS = 300_000;

/** Returns what sends requests to the server of a store. */
export function vaultServer(options: VaultOptions, surroundings: Surroundings): CallVault | Refusal {
  const { allowInsecureHttp } = options;
  const namespace = options.namespace?.trim() ?? "";
  const { declared } = surroundings;
  const base = endpoint(options.url, { declared: declared.url, allowInsecureHttp });
  if (isRefusal(base)) return base;
  const send = sender(base, boundedFetch(surroundings.fetch), () => surroundings.clock.now());
  if (namespace === "") return (request) => send(request);
  if (!isHeaderText(namespace)) return invalid("namespace is not a path: expected such as team/app");
  const { clock } = surroundings;
  let verifiedUntil = 0;
  return async (request) => {
    if (clock.now() >= verifiedUntil) {
      const lacks = await lacksNamespaces(send, request.signal);
      if (lacks) return lacks;
      verifiedUntil = clock.now() + NAMESPACES_MS;
    }
    const reply = await send(request, namespace);
    // Hint: a server that takes over may be one without them.
    if (isRefusal(reply)) verifiedUntil = 0;
    return reply;
  };
}

type Send = (request: VaultRequest, namespace?: string) => Promise<VaultAnswer | Refusal>;

function sender(base: URL, fetch: typeof globalThis.fetch, now: () => number): Send {
  // Hint: the address is often taken from a request, with the version of the API.
  const root = (base.origin + base.pathname).replace(/(?:\/v1)?\/*$/, "/v1/");
  return async ({ method = "GET", path, token, body, signal }, namespace) => {
    if (token !== undefined && !isHeaderText(token)) {
      return invalid("the token holds characters that no token of the server has");
    }
    const headers = {
      // Hint: a Vault Agent may demand it, since a page in a browser cannot send it.
      "x-vault-request": "true",
      ...(token !== undefined && { "x-vault-token": token }),
      ...(namespace !== undefined && { "x-vault-namespace": namespace }),
    };
    try {
      const response = await fetch(root + path, {
        method,
        signal,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      return await answerOf(response, path, now());
    } catch (thrown) {
      if (isRefusal(thrown)) return thrown;
      throw thrown;
    }
  };
}

const HEALTH = "sys/health";

// Hint: with a 500 the server also says what no retry would change.
const SETTLED = /past the max TTL|missing role_id|is not an allowed role|failed to find entry|SQLSTATE 42|\(42000\)/;

async function answerOf(response: Response, path: string, now: number): Promise<VaultAnswer | Refusal> {
  const { status } = response;
  // Hint: what was revoked is answered without a body.
  const parsed = response.body ? await response.json().catch(() => undefined) : {};
  const body: Readonly<Record<string, unknown>> = Object(parsed);
  const errors = Array.isArray(body.errors) ? body.errors.join("\n") : undefined;
  const isHealth = path === HEALTH && typeof body.version === "string";
  if (!isHealth && !SETTLED.test(errors ?? "") && isElsewhere(status)) return elsewhere(response, now, errors);
  return parsed === undefined ? foreign(status) : { status, response, body, errors };
}

// Hint: 412 is a replica that has not caught up, 472 and 473 are standbys for reads.
function isElsewhere(status: number): boolean {
  return status < 200 || status >= 300 && status < 400 || [408, 412, 425, 429, 472, 473].includes(status) ||
    status >= 500;
}

function elsewhere(response: Response, now: number, errors?: string): Refusal {
  const { status } = response;
  // Hint: a redirect that is not followed has status 0 on some runtimes.
  if (status < 200 || status === 307) {
    return unavailable("the server is a standby and answered with a redirect: use the URL of the active server");
  }
  const known = httpRefusal(response, { now });
  if (status < 400) return known;
  const why = status === 500 && errors ? ": its log says why" : "";
  const detail = errors?.includes("is sealed") ? "the server is sealed" : `the server answered HTTP ${status}${why}`;
  // Hint: it keeps the time of Retry-After.
  return { ...known, ...unavailable(detail) };
}

/** Returns the refusal for a page: the server answers with JSON alone. */
function foreign(status: number): Refusal {
  const detail = `the answer (HTTP ${status}) is not JSON: url may be wrong, or a proxy answers instead of the server`;
  return status === 401 || status === 403 ? denied(detail) : invalid(detail);
}

// Hint: Vault's community server ignores the header of a namespace, and would give the secret of the root.
/** Returns why a namespace cannot be relied on; nothing where the server has them. */
async function lacksNamespaces(send: Send, signal: AbortSignal): Promise<Refusal | undefined> {
  const health = await send({ path: HEALTH, signal });
  if (isRefusal(health)) return health;
  const { enterprise, version } = health.body;
  const [major = 0, minor = 0] = String(version).split(".").map(Number);
  const isOpenBao = major > 2 || major === 2 && minor >= 3;
  // Hint: older Enterprise servers say it only by their version, such as 1.12.3+ent.
  if (enterprise === true || enterprise === undefined && (isOpenBao || String(version).includes("+ent"))) {
    return undefined;
  }
  return enterprise === false || major > 0
    ? invalid("the server has no namespaces, and would answer for its root: remove namespace")
    : invalid("cannot tell whether the server has namespaces: its sys/health gives no version");
}

/** Whether a text can be sent in a header as it is. */
function isHeaderText(text: string): boolean {
  return /^[ -~]+$/.test(text);
}

/** Whether the server forbids a request of a token that is alive: of a dead one it does not count errors, or counts two. */
export function isForbidden({ status, errors = "" }: VaultAnswer): boolean {
  return status === 403 && errors.startsWith("1 error occurred");
}

/** Returns a path below `/v1/`; nothing where a part of it would lead elsewhere. */
export function pathOf(...parts: readonly string[]): string | undefined {
  const segments = parts.flatMap((part) => part.split("/"));
  if (segments.some((segment) => ["", ".", ".."].includes(segment) || /[\ud800-\udfff]/u.test(segment))) {
    return undefined;
  }
  return segments.map(encodeURIComponent).join("/");
}

/** Returns for how many seconds something is good, 0 for ever; `NaN` where an answer does not say it. */
export function secondsOf(said: unknown): number {
  return /^\d+$/.test(String(said)) && typeof said !== "object" ? Number(said) : NaN;
}

// Hint: what expires has less than a second left where the server says 0, and does not last for ever.
/** Whether something that was good for `lifetime` seconds at first is good for these seconds. */
export function isGoodFor(seconds: number, lifetime: number): boolean {
  return seconds > 0 || seconds === 0 && lifetime === 0;
}

/** Returns the token of a login. */
export function tokenOf(login: Pick<NeededCredential, "get">): string {
  return String(login.get("token"));
}
