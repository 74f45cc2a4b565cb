import { invalid, type Refusal } from "../outcome.ts";

/** How a chain writes a URL that a secret is sent to. */
export interface EndpointOption {
  /** The option's name. */
  readonly name: string;
  /** What the chain says: a text, or `$NAME` where a variable gave it. */
  readonly declared?: string | undefined;
  /** Whether plain http is allowed in words. */
  readonly allowInsecureHttp?: boolean | undefined;
}

/** A URL that a secret may be sent to: https, or loopback, or allowed in words. */
export function endpointOf(text: string, { name, declared = "", allowInsecureHttp }: EndpointOption): URL | Refusal {
  const shown = declared.startsWith("$") ? `${name} (${declared})` : name;
  if (!URL.canParse(text)) return invalid(`${shown} is no URL`);
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return invalid(`${shown} is no URL of https`);
  if (url.username !== "" || url.password !== "") return invalid(`${shown} has user info in it`);
  if (url.protocol === "https:" || allowInsecureHttp || isLoopback(url.hostname)) return url;
  return invalid(`${shown} is plain http: expected https, a loopback address, or allowInsecureHttp: true`);
}

/** Where a store reaches out to, for `permissions`; nothing for what is no URL yet. */
export function hostsOf(...texts: readonly (string | undefined)[]): readonly string[] {
  return texts.flatMap((text) => text !== undefined && URL.canParse(text) ? [new URL(text).host] : []);
}

// Hint: the URL parser has written every IPv4 address in the dotted form by now.
function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
