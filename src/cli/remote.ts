import { safeParse } from "valibot";
import { boundedFetch } from "../core/runtime/bounded_fetch.ts";
import type { ChainDescription } from "../core/engine/describe.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import { descriptionSchema } from "../report/schemas.ts";
import { endpoint } from "../core/chain/endpoint.ts";
import { UsageError } from "./command.ts";
import { withoutControls } from "./quoted.ts";

const TIMEOUT_MS = 10_000;

/**
 * Reads the description of a chain from the describe route of another process.
 *
 * @param text The route's URL: https, or http on loopback.
 * @param token The route's token, if it has one.
 * @returns The description, validated.
 * @throws {UsageError} If the route cannot be read.
 */
export async function readRemote(text: string, token: string | undefined): Promise<ChainDescription> {
  const url = endpoint(text, { name: "--url" });
  if (isRefusal(url)) throw new UsageError(url.detail);
  const fail = (why: string) => new UsageError(`Cannot read ${url.origin}${url.pathname}: ${why}`);
  const answer = await send(url, token).catch((thrown) => {
    throw fail(isRefusal(thrown) ? thrown.detail : `no answer within ${TIMEOUT_MS / 1_000} s`);
  });
  if (answer.status === 401) {
    throw fail("the server answered HTTP 401: pass --token-env NAME");
  }
  if (answer.status !== 200) throw fail(`the server answered HTTP ${answer.status}`);
  const { success, output } = safeParse(descriptionSchema, parse(await answer.text()));
  if (!success) throw fail("the answer is not that of a describe route of this version");
  return output;
}

function send(url: URL, token: string | undefined): Promise<Response> {
  const headers = {
    Accept: "application/json",
    ...(token === undefined ? {} : { Authorization: authorization(token) }),
  };
  return boundedFetch(fetch)(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
}

/** Sends a token with characters that a bearer token cannot have (RFC 6750, section 2.1) as a password. */
function authorization(token: string): string {
  if (/^[A-Za-z0-9._~+/-]+=*$/.test(token)) return `Bearer ${token}`;
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`:${token}`)))}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, (_, value) => withoutControlCharacters(value));
  } catch {
    return undefined;
  }
}

function withoutControlCharacters(value: unknown): unknown {
  if (typeof value === "string") return withoutControls(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [withoutControls(name), member]));
}
