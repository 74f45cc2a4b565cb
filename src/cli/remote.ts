import { safeParse } from "valibot";
import { boundedFetch } from "../bounded_fetch.ts";
import type { ChainDescription } from "../describe.ts";
import { denied, isRefusal } from "../outcome.ts";
import { descriptionSchema } from "../report/schemas.ts";
import { endpointOf } from "../stores/endpoint.ts";
import { Misuse } from "./command.ts";

const PATIENCE = 10_000;

/**
 * Reads the description of a chain from a describe route.
 *
 * @param text The route's address: https, or loopback.
 * @param token What opens it.
 * @returns The description, held to its schema.
 * @throws {Misuse} Where it can't be had.
 */
export async function readRemote(text: string, token: string | undefined): Promise<ChainDescription> {
  const url = endpointOf(text, { name: "--url" });
  if (isRefusal(url)) throw new Misuse(url.detail);
  const fail = (why: string) => new Misuse(`Cannot read ${url.origin}${url.pathname}: ${why}`);
  const answer = await ask(url, token).catch((thrown) => {
    throw fail(isRefusal(thrown) ? thrown.detail : `no answer within ${PATIENCE / 1_000} s`);
  });
  if (answer.status === 401) throw fail("it wants a token: name the variable that holds it with --token-env");
  if (answer.status !== 200) throw fail(`HTTP ${answer.status}`);
  const { success, output } = safeParse(descriptionSchema, parse(await answer.text()));
  if (!success) throw fail("expected what a describe route of this version answers");
  return output;
}

function ask(url: URL, token: string | undefined): Promise<Response> {
  const named: typeof fetch = (input, init) =>
    fetch(input, init).catch((error) => {
      throw error?.name === "NotCapable" ? denied(`needs --allow-net=${url.host}`) : error;
    });
  const headers = {
    Accept: "application/json",
    ...(token === undefined ? {} : { Authorization: authorization(token) }),
  };
  return boundedFetch(named)(url, { headers, signal: AbortSignal.timeout(PATIENCE) });
}

/** A text that no bearer token can be (RFC 6750, section 2.1) goes as a password, which the route takes as well. */
function authorization(token: string): string {
  if (/^[A-Za-z0-9._~+/-]+=*$/.test(token)) return `Bearer ${token}`;
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`:${token}`)))}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, (_, value) => harmless(value));
  } catch {
    return undefined;
  }
}

/** A terminal obeys control characters, so none gets there from another machine. */
function harmless(value: unknown): unknown {
  const clean = (text: string) => text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
  if (typeof value === "string") return clean(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [clean(name), member]));
}
