import { assert, assertEquals, assertLess, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { type FaultName, HUGE_BYTES } from "./faults.ts";
import { type FaultyEndpoint, startFaultyEndpoint } from "./faulty_endpoint.ts";

const secret = "fake secret/+:%";

function ask(endpoint: FaultyEndpoint, init: RequestInit = {}): Promise<Response> {
  const pair = new URLSearchParams({ secret }).toString().slice("secret=".length);
  return fetch(endpoint.url, {
    method: "POST",
    redirect: "manual",
    headers: { authorization: `Basic ${btoa(`basic:${pair}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
    ...init,
  });
}

Deno.test("startFaultyEndpoint() gives a valid answer with a new token until a fault is set", async () => {
  await using endpoint = await startFaultyEndpoint();
  const [first, second] = [await (await ask(endpoint)).json(), await (await ask(endpoint)).json()];
  assertEquals([first.token_type, first.expires_in], ["Bearer", 3600]);
  assert(first.access_token !== second.access_token);
  assertEquals([endpoint.requests, endpoint.connections, endpoint.lastBody], [2, 2, "grant_type=client_credentials"]);
  assertMatch(endpoint.lastAuthorization ?? "", /^Basic /);
});

Deno.test("startFaultyEndpoint() answers with the status, headers and body of each fault", async (t) => {
  await using endpoint = await startFaultyEndpoint();
  const expected: Record<string, [number, RegExp]> = {
    status_500: [500, /server_error/],
    status_429: [429, /^$/],
    status_503: [503, /^$/],
    redirect: [302, /^$/],
    not_found: [404, /Not Found/],
    html: [200, /^<!doctype html>/],
    truncated_json: [200, /"expires_i?n?[^}]*$/],
    empty: [200, /^$/],
    without_expires_in: [200, /"Bearer"}$/],
    expires_in_string: [200, /"expires_in":"3600"}$/],
    expires_in_negative: [200, /"expires_in":-1}$/],
    expires_in_infinite: [200, /"expires_in":1e999}$/],
    wrong_token_type: [200, /"token_type":"mac"/],
  };
  for (const [name, [status, body]] of Object.entries(expected)) {
    await t.step(name, async () => {
      endpoint.set(name as FaultName, { retryAfter: "7" });
      const answer = await ask(endpoint);
      assertEquals(answer.status, status);
      assertMatch(await answer.text(), body);
      assertEquals(answer.headers.get("retry-after"), status === 429 || status === 503 ? "7" : null);
    });
  }
});

Deno.test("startFaultyEndpoint() refuses connections, and accepts them again at the same address", async () => {
  await using endpoint = await startFaultyEndpoint();
  endpoint.set("refused");
  await assertRejects(() => ask(endpoint), TypeError);
  assertEquals(endpoint.connections, 0);
  endpoint.set("none");
  assertEquals((await (await ask(endpoint)).json()).token_type, "Bearer");
});

Deno.test("startFaultyEndpoint() keeps a client waiting until it disconnects", async (t) => {
  await using endpoint = await startFaultyEndpoint();
  for (const name of ["silent", "trickle", "trickle_body"] as const) {
    await t.step(name, async () => {
      const before = endpoint.requests;
      endpoint.set(name);
      const answer = ask(endpoint, { signal: AbortSignal.timeout(200) }).then((response) => response.text());
      await assertRejects(() => answer, DOMException);
      await endpoint.allClosed();
      assertEquals(endpoint.requests - before, 1);
    });
  }
});

Deno.test("startFaultyEndpoint() counts the requests that it holds, until they are answered or their clients leave", async () => {
  await using endpoint = await startFaultyEndpoint();
  const { promise, resolve } = Promise.withResolvers<void>();
  endpoint.set("slow", { wait: () => promise });
  const controller = new AbortController();
  const slow = ask(endpoint);
  const left = ask(endpoint, { signal: controller.signal }).catch(({ name }) => name);
  while (endpoint.held < 2) await new Promise((done) => setTimeout(done, 1));
  controller.abort();
  assertEquals(await left, "AbortError");
  while (endpoint.held > 1) await new Promise((done) => setTimeout(done, 1));
  resolve();
  assertEquals((await (await slow).json()).token_type, "Bearer");
  assertEquals([endpoint.held, endpoint.requests], [0, 2]);
});

Deno.test("startFaultyEndpoint() counts the redirects that were followed", async () => {
  await using endpoint = await startFaultyEndpoint();
  endpoint.set("redirect");
  const answer = await ask(endpoint);
  assertEquals([answer.status, endpoint.elsewhereRequests], [302, 0]);
  await assertRejects(() => ask(endpoint, { redirect: "follow" }), TypeError);
  assertEquals(endpoint.elsewhereRequests, 1);
});

Deno.test("startFaultyEndpoint() counts the bytes that a client read of 50 MB", async (t) => {
  await using endpoint = await startFaultyEndpoint();
  for (const name of ["huge", "huge_without_length", "huge_gzip"] as const) {
    await t.step(`${name}, only the first 64 KiB`, async () => {
      const before = endpoint.bytesSent;
      endpoint.set(name);
      const answer = await ask(endpoint);
      let received = 0;
      for await (const bytes of answer.body ?? []) if ((received += bytes.length) > 65_536) break;
      await endpoint.allClosed();
      assertLess(endpoint.bytesSent - before, 4 * 1024 * 1024);
    });
  }
  await t.step("huge, all of it", async () => {
    const before = endpoint.bytesSent;
    endpoint.set("huge");
    assertLess(49 * 1024 * 1024, (await (await ask(endpoint)).json()).access_token.length);
    await endpoint.allClosed();
    assertLess(HUGE_BYTES, endpoint.bytesSent - before);
  });
});

Deno.test("startFaultyEndpoint() quotes the secret that it was sent in a header or in the body", async () => {
  await using endpoint = await startFaultyEndpoint();
  endpoint.set("quotes_secret", { status: 400 });
  const answer = await ask(endpoint, { body: new URLSearchParams({ client_secret: "fake-in-the-body" }) });
  const body = await answer.text();
  assertEquals(answer.status, 400);
  assertStringIncludes(JSON.parse(body).error_description, secret);
  assertStringIncludes(body, "fake-in-the-body");
});

Deno.test("startFaultyEndpoint() has a certificate for another host name, so that no TLS connection succeeds", async () => {
  await using endpoint = await startFaultyEndpoint();
  await assertRejects(() => fetch(endpoint.tlsUrl), TypeError);
  using client = Deno.createHttpClient({ caCerts: [endpoint.certificate] });
  await assertRejects(() => fetch(endpoint.tlsUrl, { client }), TypeError);
  await endpoint.allClosed();
  assertEquals(endpoint.requests, 0);
});
