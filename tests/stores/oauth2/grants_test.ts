import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { importJWK, SignJWT } from "npm:jose@^6";
import { createResolver, memory, optional, required, type Resolver } from "../../../mod.ts";
import { oauth2, type OAuth2Options, type OAuth2Request } from "../../../src/stores/oauth2/oauth2.ts";
import { testClock } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { type JwtIssuer, startJwtIssuer } from "../../support/servers/jwt_issuer.ts";
import { type OidcProvider, startOidcProvider } from "../../support/servers/oidc_provider.ts";

const RESOURCE = "urn:alphaswarm:polaris";
const JWT = "urn:ietf:params:oauth:token-type:jwt";

/** What the credentials of the chain hold, which a test changes. */
type Values = Record<string, string>;
type NeedOptions = Partial<Record<"client" | "clientAssertion" | "subjectToken" | "actorToken" | "assertion", string>>;

/** Creates a resolver whose `"own:token"` comes of an `oauth2` store, and what that needs of memory. */
function resolverOf(
  values: Values,
  options: OAuth2Options & NeedOptions,
  request: OAuth2Request = {},
  recheck = 0,
): Resolver {
  const token = (name: string) => ({ fields: { token: required() }, from: { memory: { fields: { token: name } } } });
  const chain = {
    stores: {
      login: oauth2({ priority: 3, ...options }),
      memory: memory({ priority: 1, values, recheck }),
    },
    credentials: {
      "own:client": {
        fields: { client_id: required(), client_secret: optional(), private_key: optional() },
        from: { memory: { prefix: "" } },
      },
      "own:subject": token("subject"),
      "own:actor": token("actor"),
      "own:assertion": token("assertion"),
      "own:token": {
        fields: { token: required(), type: optional(), issued: optional() },
        from: {
          login: {
            resource: RESOURCE,
            ...request,
            fields: { token: "access_token", type: "token_type", issued: "issued_token_type" },
          },
        },
      },
    },
  };
  return createResolver(chain as never) as Resolver;
}

/** Returns what a resource of the server knows of a token, or its status. */
async function claimsOf(oidc: OidcProvider, token: unknown): Promise<Record<string, unknown> | number> {
  const answer = await fetch(oidc.protectedUrl(RESOURCE), { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  return answer.status === 200 ? JSON.parse(text) : answer.status;
}

async function get(resolver: Resolver): Promise<unknown> {
  return (await resolver.resolve("own:token")).get("token");
}

/** Starts a server that trusts the tokens of another issuer. */
async function startServers() {
  const [oidc, issuer] = await Promise.all([startOidcProvider(), startJwtIssuer()]);
  await oidc.trust(issuer);
  const sign = (claims: Readonly<Record<string, unknown>> = {}) => issuer.sign({ aud: oidc.issuer, ...claims });
  const stop = async () => {
    await Promise.all([oidc.stop(), issuer[Symbol.asyncDispose]()]);
  };
  return { oidc, issuer: issuer as JwtIssuer, sign, [Symbol.asyncDispose]: stop };
}

Deno.test("a token is exchanged at a real server, by every kind of client and for one without a secret", async (t) => {
  await using servers = await startServers();
  const { oidc, sign } = servers;
  const { basic, post, privateKey } = oidc.clients;
  const { tokenEndpoint } = oidc;
  const subject = await sign({ sub: "workload" });
  const base = { tokenEndpoint, grant: "token_exchange", subjectToken: "own:subject", subjectTokenType: JWT } as const;
  const cases: Record<string, [Values, Partial<OAuth2Options & NeedOptions>, string]> = {
    client_secret_basic: [{ client_id: basic.clientId, client_secret: basic.clientSecret }, {}, basic.clientId],
    client_secret_post: [
      { client_id: post.clientId, client_secret: post.clientSecret },
      { authentication: "client_secret_post" },
      post.clientId,
    ],
    private_key_jwt: [{ client_id: privateKey.clientId, private_key: privateKey.pem }, {}, privateKey.clientId],
    none: [{ client_id: oidc.clients.public.clientId }, { authentication: "none" }, oidc.clients.public.clientId],
  };
  for (const [name, [values, options, clientId]] of Object.entries(cases)) {
    await t.step(name, async () => {
      const resolver = resolverOf({ ...values, subject }, { ...base, client: "own:client", ...options });
      const claims = await claimsOf(oidc, await get(resolver)) as Record<string, unknown>;
      assertEquals([claims.client_id, claims.subject], [clientId, "workload"]);
    });
  }
  await t.step("client_assertion, which names the client itself", async () => {
    const { clientId, algorithm, jwk } = privateKey;
    const assertion = await new SignJWT({ jti: crypto.randomUUID() }).setProtectedHeader({ alg: algorithm })
      .setIssuer(clientId).setSubject(clientId).setAudience(oidc.issuer).setIssuedAt().setExpirationTime("60s")
      .sign(await importJWK(jwk, algorithm));
    const asserted = { authentication: "client_assertion", clientAssertion: "own:assertion" } as const;
    const resolver = resolverOf({ subject, assertion }, { ...base, ...asserted });
    const claims = await claimsOf(oidc, await get(resolver)) as Record<string, unknown>;
    assertEquals([claims.client_id, claims.subject], [clientId, "workload"]);
  });
});

Deno.test("an access token of the server itself is exchanged for the subject, with an actor or without", async () => {
  await using servers = await startServers();
  const { oidc, sign } = servers;
  const { basic, public: { clientId } } = oidc.clients;
  const values: Values = { client_id: clientId, client_secret: basic.clientSecret, subject: await sign() };
  const common = { tokenEndpoint: oidc.tokenEndpoint, authentication: "none", client: "own:client" } as const;
  const exchange = { ...common, grant: "token_exchange", subjectToken: "own:subject" } as const;
  const first = await get(resolverOf(values, { ...exchange, subjectTokenType: JWT }));
  const own: Values = { ...values, subject: String(first), actor: await sign({ sub: "agent" }) };
  const claims = await claimsOf(oidc, await get(resolverOf(own, exchange))) as Record<string, unknown>;
  assertEquals([claims.client_id, claims.actor], [clientId, undefined]);
  const acting = resolverOf(own, { ...exchange, actorToken: "own:actor", actorTokenType: JWT });
  assertEquals((await claimsOf(oidc, await get(acting)) as Record<string, unknown>).actor, "agent");
});

Deno.test("an exchange that gives no access token says so in its members, and its token is used all the same", async () => {
  await using servers = await startServers();
  const { oidc, sign } = servers;
  const values: Values = { client_id: oidc.clients.public.clientId, subject: await sign() };
  const resolver = resolverOf(values, {
    tokenEndpoint: oidc.tokenEndpoint,
    authentication: "none",
    client: "own:client",
    grant: "token_exchange",
    subjectToken: "own:subject",
  }, { subjectTokenType: JWT, requestedTokenType: JWT });
  const credential = await resolver.resolve("own:token");
  assertEquals([credential.get("type"), credential.get("issued")], ["N_A", JWT]);
});

Deno.test("an assertion is presented to a real server as the grant, and its subject is who the token is for", async () => {
  await using servers = await startServers();
  const { oidc, sign } = servers;
  const values: Values = { client_id: oidc.clients.public.clientId, assertion: await sign({ sub: "workload" }) };
  const resolver = resolverOf(values, {
    tokenEndpoint: oidc.tokenEndpoint,
    grant: "jwt_bearer",
    assertion: "own:assertion",
    authentication: "none",
    client: "own:client",
  });
  const claims = await claimsOf(oidc, await get(resolver)) as Record<string, unknown>;
  assertEquals([claims.client_id, claims.subject], ["public", "workload"]);
});

Deno.test("a token that the server refuses is resolved anew and sent once more, and else it is named", async (t) => {
  await using servers = await startServers();
  const { oidc, issuer, sign } = servers;
  const common = { tokenEndpoint: oidc.tokenEndpoint, authentication: "none", client: "own:client" } as const;
  const cases = {
    subject: { grant: "token_exchange", subjectToken: "own:subject", subjectTokenType: JWT },
    assertion: { grant: "jwt_bearer", assertion: "own:assertion" },
  } as const;
  const said = {
    subject:
      '"own:subject" from "memory" was refused (HTTP 400, invalid_request), or a parameter of the request is wrong',
    assertion: '"own:assertion" from "memory" was refused (HTTP 400, invalid_grant)',
  };
  for (const [name, options] of Object.entries(cases)) {
    await t.step(name, async () => {
      const values: Values = { client_id: oidc.clients.public.clientId, [name]: await sign() };
      const resolver = resolverOf(values, { ...common, ...options });
      const before = await get(resolver);
      await issuer.rotate();
      resolver.invalidate("own:token");
      const { code, message } = await rejection(resolver.resolve("own:token"));
      const expected = said[name as keyof typeof said];
      assertEquals([code, message], ["denied", `Cannot resolve "own:token": "login" is denied: ${expected}`]);
      values[name] = await sign();
      assertNotEquals(await get(resolver), before);
    });
  }
  await t.step("in the same call, where another one has taken its place meanwhile", async () => {
    const values: Values = { client_id: oidc.clients.public.clientId, subject: await sign() };
    const resolver = resolverOf(values, { ...common, ...cases.subject }, {}, 60_000);
    const before = (await resolver.resolve("own:subject")).get("token");
    await issuer.rotate();
    values.subject = await sign();
    const requests = await oidc.tokenRequests();
    assertEquals((await claimsOf(oidc, await get(resolver)) as Record<string, unknown>).subject, "app");
    assertNotEquals((await resolver.resolve("own:subject")).get("token"), before);
    assertEquals(await oidc.tokenRequests(), requests + 2);
  });
});

Deno.test("an exchanged token outlives the one that it was exchanged for, and another one is obtained once that is rotated", async () => {
  await using servers = await startServers();
  const { oidc, sign } = servers;
  const soon = Math.floor(Date.now() / 1_000) + 60;
  const values: Values = { client_id: oidc.clients.public.clientId, subject: await sign({ sub: "one", exp: soon }) };
  const resolver = resolverOf(values, {
    tokenEndpoint: oidc.tokenEndpoint,
    authentication: "none",
    client: "own:client",
    grant: "token_exchange",
    subjectToken: "own:subject",
    subjectTokenType: JWT,
  });
  const first = await resolver.resolve("own:token");
  assert(first.expiresAt! > Date.now() + 3_000_000);
  assertEquals([await get(resolver), await oidc.tokenRequests()], [first.get("token"), 1]);
  values.subject = await sign({ sub: "two" });
  const claims = await claimsOf(oidc, await get(resolver)) as Record<string, unknown>;
  assertEquals([claims.subject, await oidc.tokenRequests()], ["two", 2]);
});

Deno.test("an actor's token that is accepted no more is obtained anew too, though no server says that it is the actor's", async () => {
  let actors = 0, requests = 0, accepted = 1;
  // A stand-in for two token endpoints, of which one accepts the latest token of the other alone.
  const fetch = async (_: RequestInfo | URL, init?: RequestInit) => {
    const body = new URLSearchParams(await new Response(init?.body).text());
    if (body.get("grant_type") === "client_credentials") return tokenOf(`actor-${++actors}`);
    requests++;
    if (body.get("actor_token") === `actor-${accepted}`) return tokenOf(`exchanged-${accepted}`);
    return Response.json({ error: "invalid_request" }, { status: 400 });
  };
  const tokenOf = (access_token: string) => Response.json({ access_token, token_type: "Bearer", expires_in: 3_600 });
  const tokenEndpoint = "https://sso.example/token";
  const chain = {
    stores: {
      exchange: oauth2({
        priority: 3,
        tokenEndpoint,
        authentication: "none",
        grant: "token_exchange",
        subjectToken: "own:subject",
        actorToken: "own:actor",
      }),
      actor: oauth2({ priority: 2, tokenEndpoint, client: "own:client" }),
      memory: memory({ priority: 1, values: { client_id: "actor", client_secret: "obviously-fake", subject: "user" } }),
    },
    credentials: {
      "own:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { memory: { prefix: "" } },
      },
      "own:subject": { fields: { token: required() }, from: { memory: { fields: { token: "subject" } } } },
      "own:actor": { fields: { token: required() }, from: { actor: { fields: { token: "access_token" } } } },
      "own:token": { fields: { token: required() }, from: { exchange: { fields: { token: "access_token" } } } },
    },
  };
  const clock = testClock();
  const resolver = createResolver(chain as never, { env: {}, fetch, clock }) as Resolver;
  accepted = 2;
  await resolver.resolve("own:actor");
  assertEquals((await rejection(resolver.resolve("own:token"))).code, "denied");
  await clock.advance(60_000);
  assertEquals([await get(resolver), requests], ["exchanged-2", 3]);
  accepted = 9;
  resolver.invalidate("own:token");
  const [asked, minted] = [requests, actors];
  for (let times = 0; times < 6; times++) {
    assertEquals((await rejection(resolver.resolve("own:token"))).code, "denied");
    await clock.advance(60_000);
  }
  assert(requests - asked <= 11 && actors - minted <= 5, `${requests - asked} requests, ${actors - minted} actors`);
});
