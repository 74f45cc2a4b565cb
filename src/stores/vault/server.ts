import { endpoint } from "../../core/chain/endpoint.ts";
import { httpRefusal } from "../../core/chain/http_refusal.ts";
import { type OptionTypes, wrongType } from "../../core/chain/option_types.ts";
import { denied, invalid, isRefusal, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { NeededCredential, Surroundings } from "../../core/chain/store_spec.ts";
import { boundedFetch } from "../../core/runtime/bounded_fetch.ts";

/**
 * Where a server of HashiCorp Vault or OpenBao is.
 *
 * @example One server for several stores
 * ```ts
 * import { vaultKv, vaultLogin, type VaultOptions } from "@alphaswarm/credentials/vault";
 *
 * const server: VaultOptions = {
 *   url: "https://vault.example:8200",
 *   namespace: "team-data",
 * };
 * const login = vaultLogin({
 *   priority: 300,
 *   ...server,
 *   method: "approle",
 *   credential: "vault:role",
 * });
 * const kv = vaultKv({ priority: 200, ...server, login: "vault:token" });
 * ```
 * @category Stores
 */
export interface VaultOptions {
  /** The server's URL, such as `https://vault.example:8200`. */
  readonly url: string;
  /** The namespace, for servers that have namespaces (OpenBao 2.3, Vault Enterprise and HCP); that it has them is verified. */
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
/** Returns the types of the options that all stores of a server share, joined with a store's own. */
// @__NO_SIDE_EFFECTS__
export function withServerTypes<O extends object>(own: O): O & typeof TYPES {
  return { ...TYPES, ...own };
}

/** A request to the server. */
export interface VaultRequest {
  /** The path below `/v1/`, as `pathOf` writes it. */
  readonly path: string;
  readonly token?: string;
  /** What is sent, by POST. */
  readonly body?: object;
  readonly signal: AbortSignal;
  /** Tests whether the server's errors are an answer to this request, although the status suggests an outage. */
  readonly known?: Pick<RegExp, "test">;
}

/** An answer of the server about what was asked for. */
export interface VaultAnswer {
  readonly status: number;
  readonly response: Response;
  /** Its JSON; without members if the answer has none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What it says is wrong: to be matched against known words, and never shown. */
  readonly errors: string | undefined;
}

/** Sends a request to the server; an answer that says nothing about what was asked for becomes a refusal. */
export type CallVault = (request: VaultRequest) => Promise<VaultAnswer | Refusal>;

/** How long a server is known to have namespaces: another one may take its place. */
const NAMESPACES_MS = 300_000;

/** Returns a function that sends requests to the server of a store, or a refusal if an option does not fit. */
export function openServer<O extends VaultOptions>(
  options: O,
  types: OptionTypes<O>,
  mount: string,
  surroundings: Surroundings,
): CallVault | Refusal {
  const mistake = wrongType(options, types);
  if (mistake) return mistake;
  if (pathOf(mount) === undefined) return invalid("mount is not a path: expected such as team/app");
  const { allowInsecureHttp } = options;
  const namespace = options.namespace?.trim() ?? "";
  const { declared } = surroundings;
  const base = endpoint(options.url, { declared: declared.url, allowInsecureHttp });
  if (isRefusal(base)) return base;
  const now = () => surroundings.clock.now();
  const send = sender(base, boundedFetch(surroundings.fetch), now);
  if (namespace === "") return (request) => send(request);
  if (!isHeaderText(namespace)) return invalid("namespace is not a path: expected such as team/app");
  let verifiedUntil = 0;
  return async (request) => {
    if (now() >= verifiedUntil) {
      const refusal = await namespaceRefusal(send, request.signal, now);
      if (refusal) return refusal;
      verifiedUntil = now() + NAMESPACES_MS;
    }
    const reply = await send(request, namespace);
    // Hint: a server that takes over may have no namespaces.
    if (isRefusal(reply)) verifiedUntil = 0;
    else if (reply.errors?.includes("namespace not found")) {
      return invalid(`the server has no namespace "${declared.namespace}"`);
    }
    return reply;
  };
}

type Send = (request: VaultRequest, namespace?: string) => Promise<VaultAnswer | Refusal>;

function sender(base: URL, fetch: typeof globalThis.fetch, now: () => number): Send {
  // Hint: the URL is often copied from a request, with the version of the API.
  const root = (base.origin + base.pathname).replace(/(?:\/v1)?\/*$/, "/v1/");
  return async ({ path, token, body, signal, known }, namespace) => {
    if (token !== undefined && !isHeaderText(token)) {
      return invalid("the token holds characters that no token of the server has");
    }
    const headers = {
      // Hint: a Vault Agent may require this header, since a page in a browser cannot send it.
      "x-vault-request": "true",
      ...(token !== undefined && { "x-vault-token": token }),
      ...(namespace !== undefined && { "x-vault-namespace": namespace }),
    };
    try {
      const response = await fetch(root + path, {
        signal,
        headers,
        ...(body && { method: "POST", body: JSON.stringify(body) }),
      });
      return await answerOf(response, known, now());
    } catch (thrown) {
      if (isRefusal(thrown)) return thrown;
      throw thrown;
    }
  };
}

async function answerOf(
  response: Response,
  known: VaultRequest["known"],
  now: number,
): Promise<VaultAnswer | Refusal> {
  const { status } = response;
  // Hint: the answer to a revocation has no body.
  const parsed = response.body ? await response.json().catch(() => undefined) : {};
  const body: Readonly<Record<string, unknown>> = Object(parsed);
  const errors = Array.isArray(body.errors) ? body.errors.join("\n") : undefined;
  if (isTransient(status) && !known?.test(errors ?? "")) return transientRefusal(response, now, errors);
  return parsed === undefined ? notJsonRefusal(status) : { status, response, body, errors };
}

// Hint: 412 is a replica that has not caught up, 472 and 473 are standbys for reads.
function isTransient(status: number): boolean {
  return status < 200 || status >= 300 && status < 400 || [408, 412, 425, 429, 472, 473].includes(status) ||
    status >= 500;
}

function transientRefusal(response: Response, now: number, errors?: string): Refusal {
  const { status } = response;
  // Hint: a redirect that is not followed has status 0 on some runtimes.
  if (status < 200 || status === 307) {
    return unavailable("the server is a standby: use the URL of the active server");
  }
  const known = httpRefusal(response, { now });
  if (status < 400) return known;
  const why = status === 500 && errors ? ": its log says why" : "";
  const detail = errors?.includes("is sealed") ? "the server is sealed" : `the server answered HTTP ${status}${why}`;
  // Hint: `known` has the time of `Retry-After`.
  return { ...known, ...unavailable(detail) };
}

/** Returns the refusal for an answer that is not JSON, which the server itself never sends. */
function notJsonRefusal(status: number): Refusal {
  const detail = `the answer (HTTP ${status}) is not JSON: url may be wrong, or a proxy answered`;
  return status === 401 || status === 403 ? denied(detail) : invalid(detail);
}

// Hint: Vault's community edition ignores the namespace header, and would give the root's secret.
/** Returns why a namespace cannot be relied on; `undefined` if the server has namespaces. */
async function namespaceRefusal(send: Send, signal: AbortSignal, now: () => number): Promise<Refusal | undefined> {
  // Hint: a sealed server or a standby answers with the status of an outage.
  const health = await send({ path: "sys/health", signal, known: /^/ });
  if (isRefusal(health)) return health;
  const { enterprise, version } = health.body;
  if (typeof version !== "string" && isTransient(health.status)) return transientRefusal(health.response, now());
  const [major = 0, minor = 0] = String(version).split(".").map(Number);
  const isOpenBao = major > 2 || major === 2 && minor >= 3;
  // Hint: older Enterprise servers show it only in their version, such as 1.12.3+ent.
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

/** Whether the server forbids a request of a live token: for a dead one, its message has no count of errors, or two. */
export function isAliveButForbidden({ status, errors = "" }: VaultAnswer): boolean {
  return status === 403 && errors.startsWith("1 error occurred");
}

/** Returns a path below `/v1/`; `undefined` if a part of it would lead elsewhere. */
export function pathOf(...parts: readonly string[]): string | undefined {
  const segments = parts.flatMap((part) => part.split("/"));
  if (segments.some((segment) => ["", ".", ".."].includes(segment) || /[\ud800-\udfff]/u.test(segment))) {
    return undefined;
  }
  return segments.map(encodeURIComponent).join("/");
}

/** Returns the token of a login. */
export function tokenOf(login: Pick<NeededCredential, "get">): string {
  return String(login.get("token"));
}
