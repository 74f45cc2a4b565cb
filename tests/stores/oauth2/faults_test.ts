import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
} from "@std/assert";
import { createResolver, type Host, type LogEvent, type Resolver } from "../../../mod.ts";
import { OwnTime } from "../../support/fixtures/own_time.ts";
import type { FaultSettings } from "../../support/servers/exchange.ts";
import type { FaultName } from "../../support/servers/faults.ts";
import { type FaultyEndpoint, startFaultyEndpoint } from "../../support/servers/faulty_endpoint.ts";
import { m2mChain } from "../../support/tokens/m2m_chain.ts";
import { shiftedClock } from "../../support/tokens/shifted_clock.ts";

const MINUTE = 60_000;
/** The timeout of a look-up whose answer never comes, in milliseconds. */
const TIMEOUT_MS = 1_000;
/** The timeout of one that is answered, also by a busy machine, in milliseconds. */
const LONG_TIMEOUT_MS = 10_000;
/** The faults whose answer never comes. */
const ENDLESS: readonly FaultName[] = ["silent", "trickle", "trickle_body"];
/** How much longer a busy machine may take, in milliseconds. */
const GRACE_MS = 2_000;

interface Fault {
  readonly fault: FaultName;
  readonly settings?: FaultSettings;
  /** The outcome of the look-up; a number is the lifetime of the token in seconds. */
  readonly expected: "unavailable" | "invalid" | "denied" | number;
  /** How long the endpoint is not asked again, in seconds, if the answer says so. */
  readonly pause?: number;
}

const inSeconds = (seconds: number) => new Date(Date.now() + 46 * MINUTE + seconds * 1_000).toUTCString();

const FAULTS: Readonly<Record<string, () => Fault>> = {
  "a refused connection": () => ({ fault: "refused", expected: "unavailable" }),
  "no answer at all": () => ({ fault: "silent", expected: "unavailable" }),
  "one byte a second": () => ({ fault: "trickle", expected: "unavailable" }),
  "a body of one byte a second": () => ({ fault: "trickle_body", expected: "unavailable" }),
  "500": () => ({ fault: "status_500", expected: "unavailable" }),
  "429 with Retry-After in seconds": () => ({
    fault: "status_429",
    settings: { retryAfter: "480" },
    expected: "unavailable",
    pause: 479,
  }),
  "429 with Retry-After as a date": () => ({
    fault: "status_429",
    settings: { retryAfter: inSeconds(500) },
    expected: "unavailable",
    pause: 479,
  }),
  "503 with Retry-After: 3600": () => ({
    fault: "status_503",
    settings: { retryAfter: "3600" },
    expected: "unavailable",
    pause: 599,
  }),
  "503 with an invalid Retry-After": () => ({
    fault: "status_503",
    settings: { retryAfter: "soon" },
    expected: "unavailable",
  }),
  "408 with Retry-After": () => ({
    fault: "status_408",
    settings: { retryAfter: "480" },
    expected: "unavailable",
    pause: 479,
  }),
  "temporarily_unavailable at 400": () => ({
    fault: "overloaded",
    settings: { status: 400, retryAfter: "480" },
    expected: "unavailable",
    pause: 479,
  }),
  "temporarily_unavailable at 401": () => ({ fault: "overloaded", settings: { status: 401 }, expected: "unavailable" }),
  "server_error at 400": () => ({ fault: "server_error", settings: { status: 400 }, expected: "unavailable" }),
  "server_error at 200": () => ({ fault: "server_error", settings: { status: 200 }, expected: "unavailable" }),
  "302 to another path": () => ({ fault: "redirect", expected: "invalid" }),
  "404": () => ({ fault: "not_found", expected: "invalid" }),
  "200 with HTML": () => ({ fault: "html", expected: "invalid" }),
  "200 with truncated JSON": () => ({ fault: "truncated_json", expected: "invalid" }),
  "200 with a body shorter than its length": () => ({ fault: "cut_off", expected: "unavailable" }),
  "200 with a body that ends early, without a length": () => ({
    fault: "cut_off_without_length",
    expected: "unavailable",
  }),
  "200 with a body cut off between its chunks": () => ({ fault: "cut_off_in_chunks", expected: "unavailable" }),
  "200 with a gzip body cut off": () => ({ fault: "cut_off_gzip", expected: "unavailable" }),
  "200 with an empty body": () => ({ fault: "empty", expected: "invalid" }),
  "200 with 50 MB": () => ({ fault: "huge", expected: "invalid" }),
  "200 with 50 MB of unknown length": () => ({ fault: "huge_without_length", expected: "invalid" }),
  "200 with 50 MB in gzip": () => ({ fault: "huge_gzip", expected: "invalid" }),
  "200 without expires_in": () => ({ fault: "without_expires_in", expected: 300 }),
  "expires_in as a string of digits": () => ({ fault: "expires_in_string", expected: 3_600 }),
  "expires_in of 0, as in the last second of a cached token": () => ({
    fault: "expires_in_zero",
    expected: "unavailable",
  }),
  "expires_in of -1": () => ({ fault: "expires_in_negative", expected: "invalid" }),
  "expires_in of 1e999": () => ({ fault: "expires_in_infinite", expected: "invalid" }),
  "a token_type that is not Bearer": () => ({ fault: "wrong_token_type", expected: "invalid" }),
  "401 that quotes the secret": () => ({ fault: "quotes_secret", expected: "denied" }),
  "400 that quotes the secret": () => ({ fault: "quotes_secret", settings: { status: 400 }, expected: "denied" }),
};

const secret = `fake secret/+:% ${crypto.randomUUID()}`;

function setUp(tokenEndpoint: string, host: Host = {}, timeout = LONG_TIMEOUT_MS) {
  const clock = shiftedClock();
  const events: LogEvent[] = [];
  const chain = m2mChain("basic", secret, { tokenEndpoint, timeout });
  const resolver = createResolver(chain, { clock, log: (event) => void events.push(event), ...host });
  return { clock, events, resolver };
}

type Outcome = { readonly code: string; readonly shown: string; readonly token?: string; readonly credential?: object };

async function resolve(resolver: Resolver<never>): Promise<Outcome> {
  using time = new OwnTime();
  try {
    const credential = await (resolver as unknown as ReturnType<typeof setUp>["resolver"]).resolve("polaris:rest");
    const code = credential.degraded ? "degraded" : "hit";
    return { code, shown: Deno.inspect(credential.trace), token: credential.get("token"), credential };
  } catch (error) {
    const { code, message, stack } = error as Error & { code: string };
    return { code, shown: [message, stack, JSON.stringify(error), Deno.inspect(error, { depth: 9 })].join("\n") };
  } finally {
    assertLess(time.ms, TIMEOUT_MS + GRACE_MS);
  }
}

/** Asserts that a text contains neither the secret, in any encoding, nor a token. */
function assertNothingLeaked(text: string, endpoint: FaultyEndpoint, ...tokens: readonly (string | undefined)[]): void {
  const encoded = new URLSearchParams({ secret }).toString().slice("secret=".length);
  const basic = endpoint.lastAuthorization?.replace(/^Basic /, "");
  for (const hidden of [secret, encoded, encodeURIComponent(secret), basic, "Sign in", ...tokens]) {
    if (hidden) assert(!text.includes(hidden), `Expected nothing of "${hidden}" in ${text}`);
  }
}

for (const [name, make] of Object.entries(FAULTS)) {
  Deno.test(`a token endpoint that answers with ${name} has the documented outcome, in time, and leaks no secret`, async (t) => {
    await using endpoint = await startFaultyEndpoint();
    const { fault, settings, expected, pause = 0 } = make();
    const timeout = ENDLESS.includes(fault) ? TIMEOUT_MS : LONG_TIMEOUT_MS;
    await t.step("without a held token", async () => {
      const { resolver, events, clock } = setUp(endpoint.url, {}, timeout);
      endpoint.set(fault, settings);
      const began = clock.now();
      const { code, shown, credential } = await resolve(resolver as never);
      assertNothingLeaked([shown, JSON.stringify(resolver.describe()), JSON.stringify(events)].join("\n"), endpoint);
      if (typeof expected === "number") {
        assertEquals(code, "hit");
        const { expiresAt } = credential as { expiresAt: number };
        assertGreaterOrEqual(expiresAt, began + expected * 1_000);
        assertLessOrEqual(expiresAt, clock.now() + expected * 1_000);
      } else assertEquals(code, expected, shown);
    });
    if (typeof expected === "number") return;
    await t.step("with a held token, in its advisory window and after its expiry", async () => {
      const { resolver, events, clock } = setUp(endpoint.url, {}, timeout);
      endpoint.set("none");
      const first = await resolve(resolver as never);
      assertEquals(first.code, "hit");
      clock.shift(46 * MINUTE);
      endpoint.set(fault, settings);
      const later = await resolve(resolver as never);
      const { connections } = endpoint;
      if (expected === "denied") assertEquals(later.code, "denied");
      else assertStrictEquals(later.credential, first.credential);
      if (pause > 0) clock.shift(pause * 1_000);
      assertEquals((await resolve(resolver as never)).code, later.code);
      assertEquals(endpoint.connections, connections, "the endpoint was asked again although it had just failed");
      clock.shift(20 * MINUTE);
      const expired = await resolve(resolver as never);
      assertEquals(expired.code, expected);
      const shown = [
        first.shown,
        later.shown,
        expired.shown,
        JSON.stringify(resolver.describe()),
        JSON.stringify(events),
      ];
      assertNothingLeaked(shown.join("\n"), endpoint, first.token);
    });
    if (fault === "redirect") assertEquals(endpoint.elsewhereRequests, 0, "the secret was sent to another path");
  });
}

Deno.test("an answer that took longer than its token lives is an outage, as the next one may be faster", async () => {
  const clock = shiftedClock();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    clock.shift(60_000);
    return Response.json({ access_token: "fake-token", token_type: "Bearer", expires_in: 60 });
  });
  const { resolver } = setUp(`http://127.0.0.1:${server.addr.port}`, { clock });
  const { code, shown } = await resolve(resolver as never);
  assertEquals(code, "unavailable");
  assert(shown.includes("the token expired before its answer arrived"), shown);
});

Deno.test("an untrusted certificate, or one for another name, is an outage, and nothing is sent", async (t) => {
  await using endpoint = await startFaultyEndpoint();
  using client = Deno.createHttpClient({ caCerts: [endpoint.certificate] });
  const trusting: typeof fetch = (input: string | URL | Request, init?: RequestInit) =>
    fetch(input, { ...init, client });
  for (const [name, host] of Object.entries({ "self-signed": {}, "the wrong name": { fetch: trusting } })) {
    await t.step(name, async () => {
      const { resolver } = setUp(endpoint.tlsUrl, host);
      const { code, shown } = await resolve(resolver as never);
      assertEquals([code, endpoint.requests], ["unavailable", 0]);
      assertNothingLeaked(shown, endpoint);
    });
  }
});

Deno.test("an answer of 50 MB is abandoned after its first chunk, and its memory is freed", async () => {
  await using endpoint = await startFaultyEndpoint();
  for (const fault of ["huge", "huge_without_length", "huge_gzip"] as const) {
    endpoint.set(fault);
    await resolve(setUp(endpoint.url).resolver as never);
    await endpoint.allClosed();
    const [bytes, memory] = [endpoint.bytesSent, Deno.memoryUsage().rss];
    for (let call = 0; call < 5; call++) await resolve(setUp(endpoint.url).resolver as never);
    await endpoint.allClosed();
    const sent = (endpoint.bytesSent - bytes) / 5 / 1024 / 1024;
    const grown = (Deno.memoryUsage().rss - memory) / 1024 / 1024;
    console.log(
      `${fault}: ${sent.toFixed(1)} MiB received by each of five calls, ${
        grown.toFixed(1)
      } MiB of memory growth in all`,
    );
    assertLess(sent, 10, `${fault}: MiB received by each call`);
    assertLess(grown, 50, `${fault}: MiB of memory growth`);
  }
});
