import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { createResolver, CredentialError, defineChain, required, token, unavailable, variables } from "../../../mod.ts";
import { scriptedStore, testClock, testHost } from "../../../src/testing/mod.ts";
import { gate, minted } from "../../support/tokens/minted.ts";

const MINUTE = 60_000;

Deno.test("ten thousand concurrent callers that invalidate one token cause one renewal", async () => {
  const { server, resolver } = minted();
  const refused = await resolver.resolve("a:token");
  const all = await Promise.all(Array.from({ length: 10_000 }, async () => {
    resolver.invalidate(refused);
    return await resolver.resolve("a:token");
  }));
  assert(all.every((one) => one === all[0] && one.get("token") === "token-2"));
  assertEquals(server.requests, 2);
  resolver.invalidate(refused);
  assertStrictEquals(await resolver.resolve("a:token"), all[0]);
  assertEquals(server.requests, 2);
});

Deno.test("a token that is invalidated through one credential is renewed for the other that shares it", async () => {
  const { server, resolver } = minted();
  const [a, b] = [await resolver.resolve("a:token"), await resolver.resolve("b:token")];
  resolver.invalidate(a);
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-2");
  resolver.invalidate(b);
  assertEquals((await resolver.resolve("a:token")).get("token"), "token-2");
  assertEquals(server.requests, 2);
});

Deno.test("an invalidated token is served during an outage, and invalidating it again does nothing", async () => {
  const { clock, server, resolver } = minted();
  const first = await resolver.resolve("b:token");
  server.refusal = unavailable("HTTP 503");
  resolver.invalidate(first);
  assertStrictEquals(await resolver.resolve("b:token"), first);
  for (let call = 0; call < 100; call++) {
    resolver.invalidate(first);
    resolver.invalidate("b:token");
    assertStrictEquals(await resolver.resolve("b:token"), first);
  }
  assertEquals(server.requests, 2);
  server.refusal = undefined;
  await clock.advance(5 * MINUTE);
  assertEquals((await resolver.resolve("b:token")).get("token"), "token-2");
});

Deno.test("invalidating a credential during the first request for its token does not cause a second request", async () => {
  const { server, resolver } = minted();
  const pending = resolver.resolve("a:token");
  resolver.invalidate("a:token");
  assertEquals((await pending).get("token"), "token-1");
  assertEquals(server.requests, 1);
});

Deno.test("a rotated client secret renews every token that was minted with it, once each", async () => {
  const { host, server, resolver } = minted();
  await Promise.all([resolver.resolve("a:token"), resolver.resolve("b:token"), resolver.resolve("c:token")]);
  assertEquals(server.requests, 2);
  host.env.M2M_CLIENT_SECRET = "rotated";
  resolver.invalidate("m2m:client");
  for (const key of ["a:token", "b:token", "c:token"] as const) {
    assertEquals((await resolver.resolve(key)).get("client"), "rotated");
  }
  assertEquals(server.requests, 4);
});

Deno.test("invalidating a client whose secret has not changed does not renew its tokens", async () => {
  const { server, resolver } = minted();
  const first = await resolver.resolve("a:token");
  resolver.invalidate("m2m:client");
  assertStrictEquals(await resolver.resolve("a:token"), first);
  assertEquals(server.requests, 1);
});

Deno.test("invalidating a token reads its client again, since the secret may have been rotated", async () => {
  const { host, resolver } = minted();
  const first = await resolver.resolve("a:token");
  host.env.M2M_CLIENT_SECRET = "rotated";
  resolver.invalidate(first);
  assertEquals((await resolver.resolve("a:token")).get("client"), "rotated");
});

/** Creates a resolver of a session of one hour, which is exchanged for a token of ten minutes. */
function sessions() {
  const count = { tokens: 0, sessions: 0 };
  const tokens = scriptedStore({ shape: token });
  tokens.answer = () => ({ values: { token: `token-${++count.tokens}` }, expiresIn: 600 });
  const scripted = scriptedStore<"token", "webIdentity">({ shape: token, needs: ["webIdentity"] });
  scripted.answer = async (_, { need }) => {
    const identity = await need("webIdentity");
    return { values: { session: `session-${++count.sessions} by ${identity.get("token")}` }, expiresIn: 3_600 };
  };
  const chain = defineChain({
    stores: {
      m2m: tokens.store({ priority: 2 }),
      sts: scripted.store({ priority: 1, webIdentity: "s3:identity" }),
    },
    credentials: {
      "s3:identity": { fields: { token: required() }, from: { m2m: true } },
      "s3:session": { fields: { session: required() }, from: { sts: true } },
    },
  });
  const host = testHost();
  return { count, tokens, clock: host.clock, resolver: createResolver(chain, host) };
}

Deno.test("a web identity token that is merely renewed does not renew the session that it was exchanged for", async () => {
  const { count, clock, resolver } = sessions();
  const first = await resolver.resolve("s3:session");
  for (let minute = 0; minute < 40; minute++) {
    await clock.advance(MINUTE);
    assertStrictEquals(await resolver.resolve("s3:session"), first);
  }
  assertEquals(count.sessions, 1);
});

Deno.test("invalidating a session renews its web identity token too", async () => {
  const { count, resolver } = sessions();
  resolver.invalidate(await resolver.resolve("s3:session"));
  assertEquals((await resolver.resolve("s3:session")).get("session"), "session-2 by token-2");
  assertEquals(count, { tokens: 2, sessions: 2 });
});

Deno.test("a valid session is served, not degraded, during an outage of the store of its web identity token", async () => {
  const { tokens, clock, resolver } = sessions();
  const first = await resolver.resolve("s3:session");
  tokens.answer = unavailable("no connection");
  await clock.advance(44 * MINUTE);
  assertStrictEquals(await resolver.resolve("s3:session"), first);
  assertEquals(first.degraded, false);
});

Deno.test("a token whose client changed during its request is discarded, and requested again once", async () => {
  const { host, clock, server, resolver } = minted();
  const { opened, open } = gate();
  server.gate = opened;
  const before = resolver.resolve("b:token");
  await clock.advance(0);
  host.env.M2M_CLIENT_SECRET = "rotated";
  resolver.invalidate("m2m:client");
  const after = resolver.resolve("b:token");
  await clock.advance(0);
  open();
  for (const credential of [await before, await after, await resolver.resolve("b:token")]) {
    assertEquals([credential.get("token"), credential.get("client")], ["token-2", "rotated"]);
  }
  assertEquals(server.requests, 2);
});

Deno.test("a refusal after a login was rotated, while its server is away, is passed on to the login as it is now", async () => {
  const clock = testClock();
  const logins = scriptedStore({ shape: variables, answers: { secret: "old" }, recheck: MINUTE });
  let isAway = false;
  const tokens = scriptedStore({
    shape: token,
    needs: ["client"],
    answer: async (_, { need }) => {
      await need("client");
      return isAway ? unavailable("HTTP 503") : { values: { token: "not-a-token" }, expiresIn: 300 };
    },
  });
  const chain = defineChain({
    stores: {
      m2m: tokens.store({ priority: 2, client: "m2m:client", onExpired: "next" }),
      logins: logins.store({ priority: 1 }),
    },
    credentials: {
      "m2m:client": { fields: { secret: required() }, from: { logins: { prefix: "" } } },
      "a:token": { fields: { token: required() }, from: { m2m: true } },
    },
  });
  const resolver = createResolver(chain, { clock });
  await resolver.resolve("a:token");
  logins.answers.secret = "rotated";
  isAway = true;
  await clock.advance(10 * MINUTE);
  await assertRejects(() => resolver.resolve("a:token"), CredentialError);
  const before = logins.asked.length;
  resolver.invalidate("a:token");
  await resolver.resolve("m2m:client");
  assertEquals(logins.asked.length, before + 1);
});
