import { invalid, type Refusal } from "./outcome.ts";

/**
 * The options of {@linkcode endpoint}.
 *
 * @example A refusal that names the option, and the variable that gave it
 * ```ts
 * import { endpoint, type EndpointOptions } from "@alphaswarm/credentials";
 *
 * const options: EndpointOptions = {
 *   name: "tokenEndpoint",
 *   declared: "$TOKEN_URL",
 *   allowInsecureHttp: false,
 * };
 * const refusal = endpoint("sso.example/token", options);
 * console.log("detail" in refusal && refusal.detail);
 * // "tokenEndpoint ($TOKEN_URL) is not a URL"
 * ```
 * @category Writing a store
 */
export interface EndpointOptions {
  /** The name of the store's option that gives the URL, for the refusal; `url` unless set. */
  readonly name?: string;
  /** How the chain writes the URL (`declared` of the surroundings): its text, or `$NAME` if a variable gave it. */
  readonly declared?: string | undefined;
  /** Whether the chain explicitly allows plain http, which lets others on the network read what is sent. */
  readonly allowInsecureHttp?: boolean | undefined;
}

/**
 * Parses a URL that a secret may be sent to: https, plain http to a loopback address, or plain http that is explicitly
 * allowed. User info is refused, since URLs are shown and secrets are not.
 *
 * @param url The URL.
 * @param options Its name for the refusal, how the chain writes it, and whether plain http is allowed.
 * @returns The URL, or an `invalid` refusal that does not quote it.
 *
 * @example A store that sends its requests nowhere else
 * ```ts
 * import { defineStore, endpoint, httpRefusal, variables } from "@alphaswarm/credentials";
 *
 * const consul = defineStore({
 *   kind: "consul",
 *   shape: variables,
 *   open: ({ url }: { url: string }, { fetch, declared }) => {
 *     const base = endpoint(url, { declared: declared.url });
 *     if ("outcome" in base) return base;
 *     return async (name, { signal }) => {
 *       const answer = await fetch(new URL(`v1/kv/${name}?raw`, base), { signal });
 *       return answer.status === 200 ? await answer.text() : httpRefusal(answer);
 *     };
 *   },
 * });
 * // With plain http it would be `invalid`.
 * const store = consul({ priority: 150, url: "https://consul.example/" });
 * ```
 * @category Writing a store
 */
export function endpoint(url: string, options?: EndpointOptions): URL | Refusal;
// Hint: the generated docs take parameter names from the signature above, since a destructured parameter has none.
export function endpoint(
  url: string,
  { name = "url", declared = "", allowInsecureHttp }: EndpointOptions = {},
): URL | Refusal {
  const shown = optionName(name, declared);
  if (!URL.canParse(url)) return invalid(`${shown} is not a URL`);
  const parsed = new URL(url);
  const { protocol, username, password, hostname } = parsed;
  if (!/^https?:$/.test(protocol)) return invalid(`${shown} is not an https URL`);
  if (username || password) return invalid(`${shown} contains user info: expected a URL without it`);
  if (protocol === "https:" || allowInsecureHttp || isLoopback(hostname)) return parsed;
  return invalid(`${shown} is plain http: expected https, a loopback address, or allowInsecureHttp: true`);
}

/** Names an option in a detail, with the variable that gave it, if one did. */
export function optionName(name: string, declared = ""): string {
  return declared.startsWith("$") ? `${name} (${declared})` : name;
}

/** Returns the hosts of URLs, for `permissions`; a text that is not a URL has none. */
export function hostsOf(...texts: readonly (string | undefined)[]): readonly string[] {
  return texts.flatMap((text) => text !== undefined && URL.canParse(text) ? [new URL(text).host] : []);
}

// Hint: the URL parser writes every IPv4 address in the dotted form.
/** Whether a host, as the URL parser writes it, is this machine itself. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** Whether a secret may be sent to an address: it is a URL without user info. */
export function isAddress(value: unknown): boolean {
  if (typeof value !== "string" || !/^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(value) || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === "" && password === "";
}
