import { assert, assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { createResolver, defineChain, denied, document, memory, optional, required } from "../../mod.ts";
import { credentialFetch } from "../../src/clients/fetch.ts";
import { scriptedStore, testClock } from "../../src/testing/mod.ts";
import { mintingResolver } from "../support/fixtures/minting_resolver.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { until } from "../support/fixtures/until.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";
import { listening } from "../support/stand_ins/listening.ts";
import { m2mChain } from "../support/tokens/m2m_chain.ts";

const POLARIS = "urn:alphaswarm:polaris";

/** Starts a service that accepts any token but the first one that it gets. */
function serviceRefusingFirst(status = 401) {
  const requests: { readonly authorization: string | null; readonly body: string }[] = [];
  const server = listening(async (request) => {
    const authorization = request.headers.get("authorization");
    requests.push({ authorization, body: await request.text() });
    const refused = authorization === requests[0]!.authorization;
    return new Response(refused ? "refused" : "welcome", { status: refused ? status : 200 });
  });
  return { ...server, requests };
}

async function polarisClient(oidc: OidcProvider) {
  const { clientId, clientSecret } = oidc.clients.basic;
  const resolver = createResolver(m2mChain(clientId, clientSecret, { tokenEndpoint: oidc.tokenEndpoint }));
  const polaris = credentialFetch(resolver, "polaris:rest");
  const visit = async (): Promise<number> => {
    const answer = await polaris(oidc.protectedUrl(POLARIS));
    await answer.body?.cancel();
    return answer.status;
  };
  const revoke = async () => await oidc.revoke((await resolver.resolve("polaris:rest")).get("token"));
  return await Promise.resolve({ visit, revoke });
}

Deno.test("credentialFetch() is accepted by a resource of a real OAuth server, also after its token was revoked", async () => {
  await using oidc = await startOidcProvider();
  const { visit, revoke } = await polarisClient(oidc);
  assertEquals([await visit(), await visit(), await oidc.tokenRequests()], [200, 200, 1]);
  await revoke();
  assertEquals([await visit(), await visit(), await oidc.tokenRequests()], [200, 200, 2]);
});

Deno.test("credentialFetch() renews a revoked token once for two hundred concurrent requests", async () => {
  await using oidc = await startOidcProvider();
  const { visit, revoke } = await polarisClient(oidc);
  await visit();
  await revoke();
  const statuses = await Promise.all(Array.from({ length: 200 }, visit));
  assertEquals([new Set(statuses), await oidc.tokenRequests()], [new Set([200]), 2]);
});

Deno.test("credentialFetch() keeps working when its token expires", async () => {
  await using oidc = await startOidcProvider({ lifetimes: { [POLARIS]: 2 } });
  const { visit } = await polarisClient(oidc);
  await until("three tokens", async () => {
    assertEquals(await visit(), 200);
    return await oidc.tokenRequests() >= 3 || undefined;
  });
});

Deno.test("credentialFetch() retries with every kind of body that can be read again", async (t) => {
  const form = new FormData();
  form.set("a", "b");
  const bodies: Record<string, BodyInit> = {
    text: "a=b",
    bytes: new TextEncoder().encode("a=b"),
    buffer: new TextEncoder().encode("a=b").buffer,
    blob: new Blob(["a=b"]),
    parameters: new URLSearchParams({ a: "b" }),
    form,
  };
  for (const [name, body] of Object.entries(bodies)) {
    await t.step(name, async () => {
      await using service = serviceRefusingFirst();
      const { mint, resolver } = mintingResolver();
      const answer = await credentialFetch(resolver, "api:bearer")(service.url, { method: "POST", body });
      assertEquals([answer.status, await answer.text()], [200, "welcome"]);
      const [first, second] = service.requests;
      assertEquals([first?.authorization, second?.authorization], ["Bearer fake-token-1", "Bearer fake-token-2"]);
      assertStringIncludes(second!.body, name === "form" ? 'name="a"' : "a=b");
      assertEquals(mint.asked.length, 2);
    });
  }
});

Deno.test("credentialFetch() returns the refusal if a body can be read only once, and the next request has a new token", async (t) => {
  const stream = () => new Blob(["a=b"]).stream();
  const sends: Record<string, (fetch: typeof globalThis.fetch, url: string) => Promise<Response>> = {
    stream: (fetch, url) => fetch(url, { method: "POST", body: stream() }),
    request: (fetch, url) => fetch(new Request(url, { method: "POST", body: "a=b" })),
  };
  for (const [name, send] of Object.entries(sends)) {
    await t.step(name, async () => {
      await using service = serviceRefusingFirst();
      const api = credentialFetch(mintingResolver().resolver, "api:bearer");
      const answers = [await send(api, service.url), await send(api, service.url)];
      assertEquals(await Promise.all(answers.map((answer) => answer.text())), ["refused", "welcome"]);
      assertEquals(service.requests.map(({ body }) => body), ["a=b", "a=b"]);
    });
  }
});

Deno.test("credentialFetch() keeps the method, headers and body of a Request and of its options", async () => {
  const { resolver } = mintingResolver();
  await using service = listening(async (request) => {
    const { "x-own": own, authorization, "content-type": type } = Object.fromEntries(request.headers);
    return Response.json({ method: request.method, own, authorization, type, body: await request.text() });
  });
  const request = new Request(service.url, {
    method: "PUT",
    headers: { "x-own": "1", authorization: "Bearer fake-other", "content-type": "text/csv" },
    body: "a,b",
  });
  const expected = { own: "1", authorization: "Bearer fake-token-1", type: "text/csv" };
  assertEquals(await (await credentialFetch(resolver, "api:bearer")(request)).json(), {
    ...expected,
    method: "PUT",
    body: "a,b",
  });
  const changed = credentialFetch(resolver, "api:bearer")(new Request(service.url, { headers: { "x-own": "0" } }), {
    method: "POST",
    headers: { "x-own": "1", "content-type": "text/csv" },
    body: "c",
  });
  assertEquals(await (await changed).json(), { ...expected, method: "POST", body: "c" });
});

Deno.test("credentialFetch() returns the whole refusal if no store has another credential", async () => {
  const chain = defineChain({
    stores: { memory: memory({ priority: 100, values: { token: "fake-static" } }) },
    credentials: { "api:bearer": { fields: { token: required() }, from: { memory: { prefix: "" } } } },
  });
  await using service = serviceRefusingFirst(403);
  const api = credentialFetch(createResolver(chain), "api:bearer", { refreshOn: [401, 403] });
  const answer = await api(service.url);
  assertEquals([answer.status, await answer.text(), service.requests.length], [403, "refused", 1]);
});

Deno.test("credentialFetch() treats only the statuses in refreshOn as a refusal", async () => {
  await using service = serviceRefusingFirst(403);
  const { mint, resolver } = mintingResolver();
  const answer = await credentialFetch(resolver, "api:bearer")(service.url);
  assertEquals([answer.status, await answer.text(), mint.asked.length], [403, "refused", 1]);
});

Deno.test("credentialFetch() does not mint a token for each request that the service never allows", async () => {
  const { clock, mint, resolver } = mintingResolver();
  await using service = listening(() => new Response(null, { status: 403 }));
  const api = credentialFetch(resolver, "api:bearer", { refreshOn: [403] });
  for (let call = 0; call < 10; call++) assertEquals((await api(service.url)).status, 403);
  assertEquals(mint.asked.length, 2);
  await clock.advance(5_000);
  await api(service.url);
  assertEquals(mint.asked.length, 3);
});

Deno.test("credentialFetch() uses the credential that bootstrap wrote once the service refused the caller's default", async () => {
  const file = scriptedStore({ shape: document, recheck: 60_000 });
  const chain = defineChain({
    stores: { file: file.store({ priority: 100 }) },
    credentials: { "api:bearer": { fields: { token: required() }, from: { file: "principal.json" } } },
  });
  const resolver = createResolver(chain, { clock: testClock() });
  await using service = serviceRefusingFirst(403);
  const options = { refreshOn: [403], default: { token: "fake-seed" } };
  const api = credentialFetch(resolver, "api:bearer", options);
  assertEquals(await (await api(service.url)).text(), "refused");
  file.answers["principal.json"] = { token: "fake-minted" };
  assertEquals(await (await api(service.url)).text(), "welcome");
  assertEquals(service.requests.at(-1)?.authorization, "Bearer fake-minted");
});

Deno.test("credentialFetch() rejects with the reason if a refused credential is no longer available", async () => {
  const { mint, resolver } = mintingResolver();
  await using service = listening(() => {
    mint.answer = denied("revoked by its owner");
    return new Response("refused", { status: 401 });
  });
  const error = await rejection(credentialFetch(resolver, "api:bearer")(service.url));
  assertEquals([error.code, error.trace[0]?.detail], ["denied", "revoked by its owner"]);
});

Deno.test("credentialFetch() sends the header that it is given", async () => {
  const { resolver } = mintingResolver();
  await using service = listening(({ headers }) => Response.json(Object.fromEntries(headers)));
  const api = credentialFetch(resolver, "api:bearer", { header: (cred) => ["x-api-key", cred.get("api_key") ?? ""] });
  const headers = await (await api(service.url)).json();
  assertEquals([headers["x-api-key"], headers.authorization], ["fake-key-1", undefined]);
});

Deno.test("credentialFetch() sends with the fetch of the resolver's host, or with the one that it is given", async () => {
  const { mint } = mintingResolver();
  const fetches: string[] = [];
  const by = (name: string) => () => Promise.resolve(new Response(void fetches.push(name)));
  const chain = defineChain({
    stores: { mint: mint.store({ priority: 100 }) },
    credentials: { "api:bearer": { fields: { token: required() }, from: { mint: true } } },
  });
  const resolver = createResolver(chain, { fetch: by("host") });
  await credentialFetch(resolver, "api:bearer")("http://api.invalid/");
  await credentialFetch(resolver, "api:bearer", { fetch: by("option") })("http://api.invalid/");
  assertEquals(fetches, ["host", "option"]);
});

Deno.test("credentialFetch() stops waiting for a credential when its signal is aborted", async () => {
  const { mint, resolver } = mintingResolver();
  mint.answer = new Promise<never>(() => {});
  const api = credentialFetch(resolver, "api:bearer");
  const inits = [
    { signal: AbortSignal.abort("late") },
    new Request("http://api.invalid/", { signal: AbortSignal.abort("late") }),
  ];
  for (const init of inits) {
    const call = init instanceof Request ? api(init) : api("http://api.invalid/", init);
    const [result] = await Promise.allSettled([call]);
    assert(result.status === "rejected");
    assertStrictEquals(result.reason, "late");
  }
});

Deno.test("credentialFetch() reports a token that is missing or cannot be sent, and never quotes it", async () => {
  const values: Record<string, string> = { secret: "fake-secret" };
  const chain = defineChain({
    stores: { memory: memory({ priority: 100, values }) },
    credentials: {
      "api:either": { fields: { token: optional(), secret: optional() }, from: { memory: { prefix: "" } } },
      "api:broken": { fields: { token: required() }, from: { memory: { prefix: "broken_" } } },
    },
  });
  values["broken_token"] = "fake\nsecret ☃";
  const resolver = createResolver(chain);
  const missing = await rejection(credentialFetch(resolver, "api:either")("http://api.invalid/"));
  assertEquals(missing.message, 'Cannot resolve "api:either": "memory" gave no value for the field token');
  assertEquals([missing.code, missing.missing], ["incomplete", ["token"]]);
  const broken = await rejection(credentialFetch(resolver, "api:broken")("http://api.invalid/"));
  assertEquals(
    broken.message,
    'Cannot resolve "api:broken": its value has characters that are not allowed in a header',
  );
  assertEquals([broken.code, broken.cause], ["invalid", undefined]);
});

Deno.test("credentialFetch() leaves no secret in the error of a failed request", async () => {
  const { resolver } = mintingResolver();
  const api = credentialFetch(resolver, "api:bearer");
  const error = await assertRejects(() => api("http://127.0.0.1:1/"));
  assertEquals(Deno.inspect(error, { showHidden: true }).includes("fake-token"), false);
});
