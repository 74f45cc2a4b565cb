import { invalid, type Refusal } from "./outcome.ts";

/** How a chain declares a URL that a secret is sent to. */
export interface EndpointOption {
  /** The option's name. */
  readonly name: string;
  /** How the chain writes it: its text, or `$NAME` where a variable gave it. */
  readonly declared?: string | undefined;
  /** Whether plain http is allowed explicitly. */
  readonly allowInsecureHttp?: boolean | undefined;
}

/** Parses a URL that a secret may be sent to: https, a loopback address, or plain http that is allowed explicitly. */
export function endpointOf(text: string, { name, declared = "", allowInsecureHttp }: EndpointOption): URL | Refusal {
  const shown = declared.startsWith("$") ? `${name} (${declared})` : name;
  if (!URL.canParse(text)) return invalid(`${shown} is not a URL`);
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return invalid(`${shown} is not an https URL`);
  if (url.username !== "" || url.password !== "") {
    return invalid(`${shown} contains user info: expected a URL without it`);
  }
  if (url.protocol === "https:" || allowInsecureHttp || isLoopback(url.hostname)) return url;
  return invalid(`${shown} is plain http: expected https, a loopback address, or allowInsecureHttp: true`);
}

/** Returns the hosts of URLs, for `permissions`; a text that is not a URL has none. */
export function hostsOf(...texts: readonly (string | undefined)[]): readonly string[] {
  return texts.flatMap((text) => text !== undefined && URL.canParse(text) ? [new URL(text).host] : []);
}

// Hint: the URL parser writes every IPv4 address in the dotted form.
function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
