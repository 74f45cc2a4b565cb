import { isLoopback } from "../core/chain/endpoint.ts";
import type { Access } from "../core/engine/access.ts";
import { shareOf } from "../core/source/sharing.ts";
import type { Finding } from "./finding.ts";

/** A held credential, as `resolver.peek()` returns it. */
interface Held {
  readonly fields: readonly string[];
  get(field: string): unknown;
}

/** Returns a held credential. */
export type Peek = (key: string) => Held | undefined;

/** Finds the engines on other hosts that are reached without TLS, as far as their held credentials say so. */
export function lintEngines({ plan, open }: Access, peek: Peek): readonly Finding[] {
  const stores = plan.stores.filter(({ name }) => open(name).state === "on");
  const keys = new Set(stores.flatMap((store) => shareOf(store)?.needed.credential ?? []));
  return [...keys].flatMap((key) => {
    const held = peek(key);
    if (!held) return [];
    return [...held.fields.map((field) => [field, plaintextUrl(held.get(field))] as const), ...plaintextHost(held)]
      .flatMap(([field, message]): Finding | [] =>
        message ? { rule: "plaintext", path: `credentials["${key}"].fields.${field}`, message, key } : []
      );
  });
}

/** How to make the URLs of each scheme use TLS. */
const REMEDIES: Readonly<Record<string, string>> = {
  redis: "use rediss:",
  valkey: "use valkeys:",
  http: "use https:",
  postgres: "add sslmode=verify-full",
  postgresql: "add sslmode=verify-full",
};

// Hint: not the URL parser, since a PostgreSQL URL may name several hosts.
const URL_PARTS = /^\s*([a-z]+):\/\/(?:[^/?#]*@)?([^/?#]*)(?:[^?#]*\?([^#]*))?/i;

/** Returns what is wrong with a URL that reaches an engine without TLS; `undefined` for anything else. */
function plaintextUrl(value: unknown): string | undefined {
  const [, name = "", authority = "", query] = URL_PARTS.exec(textOf(value)) ?? [];
  const scheme = name.toLowerCase();
  if (!Object.hasOwn(REMEDIES, scheme)) return undefined;
  const parameters = new URLSearchParams(query);
  const isPostgres = scheme.startsWith("postgres");
  const hosts = isPostgres && parameters.get("host") || authority.replace(/:\d*(?=,|$)/g, "");
  if (hosts.split(",").every(isLocal)) return undefined;
  if (isPostgres && requiresTls(parameters.get("sslmode") ?? parameters.get("ssl"))) return undefined;
  return `Reaches another host over ${scheme}: without requiring TLS: ${
    REMEDIES[scheme]
  }, or use a proxy on this machine`;
}

/** Returns the field that says that another host is reached without TLS, if there is one, with what is wrong. */
function plaintextHost(held: Held): readonly (readonly [string, string])[] {
  const host = held.fields.find((field) => /^host(name)?$/i.test(field));
  const tls = held.fields.find((field) => /^(tls|ssl|ssl_?mode)$/i.test(field));
  if (!host || !tls || requiresTls(held.get(tls)) || isLocal(textOf(held.get(host)))) return [];
  return [[
    tls,
    `Does not require TLS, though ${host} is another host: require it, or use a proxy on this machine`,
  ]];
}

/** Whether a parameter or a field makes a client refuse to go without TLS. */
function requiresTls(mode: unknown): boolean {
  // Hint: TLS options may be an object.
  return !/^\s*(|0|false|no|off|disabled?|allow|prefer)\s*$/i.test(textOf(mode, "{}"));
}

/** Whether a host is this machine: empty, a loopback address, or the path of a socket. */
function isLocal(host: string): boolean {
  const name = host.trim().toLowerCase();
  return name === "" || /^(\/|%2f)/.test(name) || isLoopback(name) || name === "::1";
}

function textOf(value: unknown, ofObject = ""): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" && !(value instanceof URL) ? ofObject : String(value);
}
