import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import {
  type Context,
  createResolver,
  defineChain,
  denied,
  document,
  invalid,
  optional,
  required,
  token,
  type TokenContext,
  unavailable,
  variables,
} from "../../../mod.ts";
import { credentialFetch } from "../../../src/clients/fetch.ts";
import { scriptedStore, testClock, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const SECOND = 1_000;
const MINUTE = 60_000;

/**
 * Creates the chain client → identity → keys, with servers that know which signing key and which secret are valid: the
 * identity provider signs with the current key, and the token service accepts only tokens that were signed with it.
 */
function exchange({ secret = "good", lifetime = 3_600, recheck = Infinity } = {}) {
  const provider = {
    key: 1,
    secret: "good",
    asked: 0,
    minted: 0,
    down: false,
    /** What its answers wait for. */
    gate: undefined as Promise<void> | undefined,
  };
  const service = {
    accepted: 1,
    asked: 0,
    minted: 0,
    reasons: [] as unknown[],
    /** What an answer waits for, by its request. */
    gate: (_request: object): Promise<void> | undefined => undefined,
  };
  const host = testHost();
  const clients = scriptedStore({ shape: variables, answers: { client_secret: secret }, recheck });
  const identities = scriptedStore<"token", "client">({ shape: token, needs: ["client"] });
  identities.answer = async (_, { need }) => {
    provider.asked++;
    if (provider.down) return unavailable("no connection");
    await provider.gate;
    const client = await need("client");
    if (client.get("client_secret") !== provider.secret) return denied("the client was refused", { need: "client" });
    return { values: { token: `jwt ${++provider.minted} by key ${provider.key}` }, expiresIn: lifetime };
  };
  const keys = scriptedStore<"token", "webIdentity">({ shape: token, needs: ["webIdentity"] });
  keys.answer = async (request, { need, reason, previous }) => {
    service.asked++;
    service.reasons.push([reason, previous?.values.secret_key]);
    const identity = await need("webIdentity");
    await service.gate(request);
    if (!String(identity.get("token")).endsWith(`key ${service.accepted}`)) {
      return denied("the identity was refused", { need: "webIdentity" });
    }
    return { values: { secret_key: `keys ${++service.minted}`, proof: identity.get("token") }, expiresIn: 3_600 };
  };
  const resolver = createResolver(
    defineChain({
      stores: {
        m2m: identities.store({ priority: 3, client: "m2m:client" }),
        sts: keys.store({ priority: 2, webIdentity: "s3:identity" }),
        static: clients.store({ priority: 1 }),
      },
      credentials: {
        "m2m:client": { fields: { client_secret: required() }, from: { static: { prefix: "" } } },
        "s3:identity": { fields: { token: required() }, from: { m2m: true } },
        "s3:keys": { fields: { secret_key: required(), proof: optional() }, from: { sts: true } },
        "s3:reader": { fields: { secret_key: required() }, from: { sts: { role: "reader" } } },
      },
    }),
    host,
  );
  const rotateKeys = () => service.accepted = ++provider.key;
  return { provider, service, clients, clock: host.clock, resolver, rotateKeys };
}

const secretOf = (credential: { get(name: "secret_key"): string }) => credential.get("secret_key");

Deno.test("a token of old signing keys is replaced in the call in which it is refused, where nothing was held", async () => {
  const { provider, service, resolver, rotateKeys } = exchange();
  await resolver.resolve("s3:identity");
  rotateKeys();
  assertEquals(secretOf(await resolver.resolve("s3:keys")), "keys 1");
  assertEquals([provider.minted, service.asked], [2, 2]);
});

Deno.test("a token of old signing keys is replaced in the call in which it is refused, while the keys are still good", async () => {
  const { provider, service, clock, resolver, rotateKeys } = exchange({ lifetime: 36_000 });
  const first = await resolver.resolve("s3:keys");
  rotateKeys();
  await clock.advance(46 * MINUTE);
  assertEquals(secretOf(await resolver.resolve("s3:keys")), "keys 2");
  assertEquals([provider.minted, service.asked], [2, 3]);
  assertNotStrictEquals(await resolver.resolve("s3:keys"), first);
});

for (const key of ["s3:keys", "s3:identity", "m2m:client"] as const) {
  Deno.test(`invalidating ${key} is enough to get a new identity, with keys held and with none`, async () => {
    for (const held of [true, false]) {
      const { service, resolver, rotateKeys } = exchange();
      await resolver.resolve(held ? "s3:keys" : "s3:identity");
      rotateKeys();
      resolver.invalidate(key);
      await resolver.resolve("s3:keys");
      resolver.invalidate("s3:keys");
      assertEquals(secretOf(await resolver.resolve("s3:keys")), `keys ${service.minted}`);
    }
  });
}

Deno.test("a service's refusal through a client replaces the keys, and the identity of old signing keys below them", async () => {
  const { provider, service, resolver, rotateKeys } = exchange();
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const isAccepted = request.headers.get("x-proof")?.endsWith(`key ${service.accepted}`);
    return new Response(null, { status: isAccepted ? 204 : 401 });
  });
  const send = credentialFetch(resolver, "s3:keys", {
    header: (credential) => ["x-proof", credential.get("proof") ?? ""],
    fetch,
  });
  const statusOf = async () => (await send(`http://127.0.0.1:${server.addr.port}/`)).status;
  assertEquals(await statusOf(), 204);
  rotateKeys();
  assertEquals([await statusOf(), provider.minted, service.minted], [204, 2, 2]);
});

Deno.test("an identity that two requests are refused with is replaced once, also where one refusal comes after the other", async () => {
  const { provider, service, clock, resolver, rotateKeys } = exchange();
  await resolver.resolve("s3:identity");
  rotateKeys();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  service.gate = (request) => "role" in request ? opened : undefined;
  const late = resolver.resolve("s3:reader");
  await clock.advance(0);
  assertEquals(secretOf(await resolver.resolve("s3:keys")), "keys 1");
  open();
  assertEquals(secretOf(await late), "keys 2");
  clock.jump(clock.now() + MINUTE);
  await resolver.resolve("s3:identity");
  assertEquals(provider.minted, 2, "a refusal of the old identity says nothing of the new one");
});

Deno.test("invalidating a credential whose walk failed is passed on to what it needs", async () => {
  const { provider, service, clock, resolver } = exchange();
  service.accepted = 7;
  assertEquals((await rejection(resolver.resolve("s3:keys"))).code, "denied");
  const { minted } = provider;
  resolver.invalidate("s3:keys");
  await clock.advance(15 * SECOND);
  await rejection(resolver.resolve("s3:keys"));
  assertEquals(provider.minted, minted + 1);
});

Deno.test("a client secret that is corrected counts at once, two levels above it too", async () => {
  const { provider, clients, clock, resolver } = exchange({ secret: "wrong" });
  const error = await rejection(resolver.resolve("s3:keys"));
  assertEquals([error.code, provider.minted], ["denied", 0]);
  clients.answers.client_secret = "good";
  resolver.invalidate("m2m:client");
  assertEquals(clock.now(), Date.UTC(2026, 0, 1), "no time has passed");
  assertEquals(secretOf(await resolver.resolve("s3:keys")), "keys 1");
});

Deno.test("a client secret that was rotated is read again in the call in which the old one is refused", async () => {
  const { provider, clients, resolver } = exchange();
  await resolver.resolve("m2m:client");
  provider.secret = clients.answers.client_secret = "rotated";
  assertEquals(secretOf(await resolver.resolve("s3:keys")), "keys 1");
  assertEquals([provider.asked, provider.minted], [2, 1]);
});

Deno.test("a permanent refusal obtains a token at once, then at growing intervals of 5 seconds to 5 minutes", async () => {
  const { provider, service, clock, resolver } = exchange({ lifetime: 36_000 });
  service.accepted = 7;
  const minted: number[] = [];
  const began = clock.now();
  for (let second = 0; second < 3_600; second++) {
    const before = provider.minted;
    assertEquals((await rejection(resolver.resolve("s3:keys"))).code, "denied");
    if (provider.minted > before) minted.push((clock.now() - began) / SECOND);
    clock.jump(clock.now() + SECOND);
  }
  assertEquals(provider.minted, minted.length + 1, "the first call obtains two");
  const gaps = minted.slice(1).map((at, index) => at - minted[index]!);
  [5, 10, 20, 40, 80, 160, 300, 300].forEach((least, index) => {
    const gap = gaps[index]!;
    assert(gap >= least && gap <= least + 15, `gap ${index} is ${gap} s`);
  });
  assert(service.asked > 230 && service.asked < 300, `asked ${service.asked} times, about every 15 s`);
});

Deno.test("an identity that is refused twice in a row is replaced after a pause, and not again at once", async () => {
  const { provider, service, clock, resolver } = exchange({ lifetime: 36_000 });
  service.accepted = 3;
  const error = await rejection(resolver.resolve("s3:keys"));
  assertEquals([error.code, error.trace[0]?.detail, provider.minted], ["denied", "the identity was refused", 2]);
  provider.key = 3;
  await clock.advance(4 * SECOND);
  const again = await rejection(resolver.resolve("s3:keys"));
  assertEquals([again.code, again.trace[0]?.outcome, provider.minted], ["denied", "denied", 2]);
  await clock.advance(11 * SECOND);
  assertEquals(secretOf(await resolver.resolve("s3:keys")), "keys 1");
  assertEquals(provider.minted, 3);
});

Deno.test("how often a secret was rotated before does not make an identity that is refused twice in a row wait longer", async () => {
  const { provider, service, clients, clock, resolver, rotateKeys } = exchange();
  await resolver.resolve("s3:keys");
  for (let rotated = 1; rotated <= 8; rotated++) {
    provider.secret = clients.answers.client_secret = `rotated ${rotated}`;
    resolver.invalidate("m2m:client");
    await resolver.resolve("s3:keys");
  }
  service.accepted = 2;
  resolver.invalidate("s3:keys");
  await rejection(resolver.resolve("s3:keys"));
  rotateKeys();
  await clock.advance(20 * SECOND);
  assertEquals(secretOf(await resolver.resolve("s3:keys")), "keys 10");
});

Deno.test("two stores that refuse one identity for good do not have it replaced in turn", async () => {
  const host = testHost();
  let minted = 0;
  const identities = scriptedStore({ shape: token });
  identities.answer = () => ({ values: { token: `jwt ${++minted}` }, expiresIn: 36_000 });
  const refusing = () => {
    const keys = scriptedStore<"token", "webIdentity">({ shape: token, needs: ["webIdentity"] });
    keys.answer = async (_, { need }) => {
      await need("webIdentity");
      return denied("the identity was refused", { need: "webIdentity" });
    };
    return keys;
  };
  const [one, other] = [refusing(), refusing()];
  const resolver = createResolver(
    defineChain({
      stores: {
        m2m: identities.store({ priority: 3 }),
        one: one!.store({ priority: 2, webIdentity: "s3:identity" }),
        other: other!.store({ priority: 1, webIdentity: "s3:identity" }),
      },
      credentials: {
        "s3:identity": { fields: { token: required() }, from: { m2m: true } },
        "a:keys": { fields: { secret_key: required() }, from: { one: true } },
        "b:keys": { fields: { secret_key: required() }, from: { other: true } },
      },
    }),
    host,
  );
  for (let second = 0; second < 3_600; second++) {
    for (const key of ["a:keys", "b:keys"] as const) await rejection(resolver.resolve(key));
    host.clock.jump(host.clock.now() + SECOND);
  }
  assert(minted > 10 && minted < 25, `obtained ${minted} in an hour: both share the pauses of the identity`);
});

Deno.test("a secret that is refused for good is sent again at most every 15 seconds", async () => {
  const { provider, clock, resolver } = exchange({ secret: "wrong" });
  for (let second = 0; second < 3_600; second++) {
    await rejection(resolver.resolve("s3:identity"));
    clock.jump(clock.now() + SECOND);
  }
  assert(provider.asked < 300, `asked ${provider.asked} times`);
  assertEquals(provider.minted, 0);
});

Deno.test("a refused need is replaced again once the store has answered in between", async () => {
  const { provider, clock, resolver, rotateKeys } = exchange({ lifetime: 36_000 });
  for (let rotation = 1; rotation <= 3; rotation++) {
    rotateKeys();
    await resolver.resolve("s3:keys");
    await clock.advance(59 * MINUTE);
  }
  assertEquals(provider.minted, 3);
});

Deno.test("a token store is told why it is asked, and what is held", async () => {
  const { service, clients, clock, resolver } = exchange({ lifetime: 36_000 });
  const first = await resolver.resolve("s3:keys");
  await clock.advance(50 * MINUTE);
  await resolver.resolve("s3:keys");
  resolver.invalidate("s3:keys");
  await resolver.resolve("s3:keys");
  clients.answers.client_secret = "good ";
  resolver.invalidate("m2m:client");
  await rejection(resolver.resolve("s3:keys"));
  clients.answers.client_secret = "good";
  resolver.invalidate("m2m:client");
  assertNotStrictEquals(await resolver.resolve("s3:keys"), first);
  assertEquals(service.reasons, [["first", undefined], ["due", "keys 1"], ["refused", "keys 2"], ["need", "keys 3"]]);
});

Deno.test("why a token store is asked stays the same through failed tries", async () => {
  const reasons: string[] = [];
  const host = testHost();
  const own = scriptedStore({ shape: token, later: true });
  let refuse = false;
  own.answer = (_, { reason }) => {
    reasons.push(reason);
    return refuse ? denied("no") : { values: { token: "t" }, expiresIn: 3_600 };
  };
  const resolver = createResolver(
    defineChain({
      stores: { own: own.store({ priority: 1 }) },
      credentials: { "a:token": { fields: { token: required() }, from: { own: true } } },
    }),
    host,
  );
  await resolver.resolve("a:token");
  refuse = true;
  resolver.invalidate("a:token");
  for (let call = 0; call < 3; call++) {
    await rejection(resolver.resolve("a:token"));
    await host.clock.advance(15 * SECOND);
  }
  refuse = false;
  await resolver.resolve("a:token");
  await host.clock.advance(50 * MINUTE);
  await resolver.resolve("a:token");
  assertEquals(reasons, ["first", "refused", "refused", "refused", "refused", "due"]);
});

Deno.test("an identity that was refused in a short outage of its provider is replaced within seconds of its end", async () => {
  const { provider, service, clock, resolver, rotateKeys } = exchange({ lifetime: 36_000 });
  await resolver.resolve("s3:keys");
  rotateKeys();
  provider.down = true;
  resolver.invalidate("s3:keys");
  assertEquals((await rejection(resolver.resolve("s3:keys"))).code, "denied");
  provider.down = false;
  await clock.advance(5 * SECOND);
  assertEquals(secretOf(await resolver.resolve("s3:keys")), "keys 2");
  assertEquals([provider.minted, service.minted], [2, 2]);
});

for (const wrong of [invalid("not valid JSON"), undefined]) {
  Deno.test(`a client secret that is ${wrong ? "malformed" : "gone"} while it is rotated counts as soon as it is there`, async () => {
    const { provider, clients, clock, resolver } = exchange();
    const old = await resolver.resolve("s3:identity");
    clients.answer = wrong;
    clients.answers.client_secret = undefined;
    resolver.invalidate("m2m:client");
    assertStrictEquals(await resolver.resolve("s3:identity"), old);
    clients.answer = undefined;
    provider.secret = clients.answers.client_secret = "rotated";
    await clock.advance(5 * SECOND);
    assertNotStrictEquals(await resolver.resolve("s3:identity"), old);
    assertEquals(provider.minted, 2);
  });
}

/** Refuses the token each second, and returns in which of them another one was minted. */
async function mintedWhileRefused({ provider, clock, resolver }: ReturnType<typeof exchange>, seconds: number) {
  const minted: number[] = [];
  let held = await resolver.resolve("s3:identity");
  for (let second = 0; second < seconds; second++) {
    const before = provider.minted;
    resolver.invalidate(held);
    held = await resolver.resolve("s3:identity");
    if (provider.minted > before) minted.push(second);
    clock.jump(clock.now() + SECOND);
  }
  return minted;
}

Deno.test("a service that goes on refusing costs a token at once, then at growing intervals of 5 seconds to 5 minutes", async () => {
  const services = exchange({ lifetime: 36_000 });
  const minted = await mintedWhileRefused(services, 3_600);
  assertEquals(minted.slice(0, 8), [0, 5, 15, 35, 75, 155, 315, 615]);
  assertEquals(minted.length, 17);
  const { last } = services.resolver.describe().credentials[1]!;
  assertEquals(
    last?.trace[0]?.detail,
    "the token was refused again after its renewal, so it is not renewed again at once; its previous answer is used",
  );
});

Deno.test("a service that goes on refusing tokens of a minute gets one when it is due, and no row of its own for each", async () => {
  const services = exchange({ lifetime: 60 });
  const { provider, clock, resolver } = services;
  const began = clock.now();
  assertEquals(await mintedWhileRefused(services, 200), [0, 5, 15, 35, 65, 95, 125, 155, 185]);
  clock.jump(began + 215 * SECOND);
  await resolver.resolve("s3:identity");
  clock.jump(began + 245 * SECOND);
  const held = await resolver.resolve("s3:identity");
  const before = provider.minted;
  resolver.invalidate(held);
  await resolver.resolve("s3:identity");
  assertEquals(provider.minted - before, 1, "a token that was not refused ends the row");
});

Deno.test("a token that is refused again and again is not given past its expiry, however short its window is", async () => {
  const clock = testClock();
  const tokens = scriptedStore({ shape: token });
  let minted = 0;
  tokens.answer = () => ({ values: { token: `token ${++minted}` }, expiresIn: 60 });
  const chain = defineChain({
    stores: { tokens: tokens.store({ priority: 1, advisoryWindow: SECOND }) },
    credentials: { "api:token": { fields: { token: required() }, from: { tokens: {} } } },
  });
  const resolver = createResolver(chain, { clock, random: () => 0 });
  for (let second = 0; second < 600; second++) {
    const credential = await resolver.resolve("api:token");
    assert(credential.expiresAt! > clock.now(), `${second} s`);
    resolver.invalidate(credential);
    clock.jump(clock.now() + SECOND);
  }
  assert(minted < 20, `${minted} tokens`);
});

Deno.test("a refused token is renewed at once again after a renewal that was due", async () => {
  const { provider, clock, resolver } = exchange();
  await resolver.resolve("s3:identity");
  const refuseOnce = async () => {
    const before = provider.minted;
    resolver.invalidate(await resolver.resolve("s3:identity"));
    await resolver.resolve("s3:identity");
    return provider.minted - before;
  };
  assertEquals([await refuseOnce(), await refuseOnce()], [1, 0]);
  await clock.advance(50 * MINUTE);
  await resolver.resolve("s3:identity");
  assertEquals(await refuseOnce(), 1);
});

Deno.test("a short outage of the store that has the client's secret obtains no token anew", async () => {
  const { provider, clients, clock, resolver } = exchange();
  const first = await resolver.resolve("s3:identity");
  clients.answer = unavailable("no connection");
  resolver.invalidate("m2m:client");
  assertEquals((await resolver.resolve("m2m:client")).degraded, true);
  assertStrictEquals(await resolver.resolve("s3:identity"), first);
  clients.answer = undefined;
  await clock.advance(5 * SECOND);
  assertEquals((await resolver.resolve("m2m:client")).degraded, false);
  assertStrictEquals(await resolver.resolve("s3:identity"), first);
  assertEquals(provider.minted, 1);
});

/** Creates the chain login → documents: one that is open to the login, and one that may be forbidden to it. */
function readingWithLogin() {
  const logins = scriptedStore({ shape: token });
  const vault = scriptedStore<"document", "login">({ shape: document, needs: ["login"], recheck: 1_000 });
  const host = testHost();
  const chain = defineChain({
    stores: { logins: logins.store({ priority: 2 }), vault: vault.store({ priority: 1, login: "vault:login" }) },
    credentials: {
      "vault:login": { fields: { token: required() }, from: { logins: true } },
      "a:key": { fields: { key: required() }, from: { vault: "open" } },
      "b:key": { fields: { key: required() }, from: { vault: "forbidden" } },
    },
  });
  return { logins, vault, host, resolver: createResolver(chain, host) };
}

Deno.test("a static store's refused login is replaced in the same call, and a refused path replaces nothing", async () => {
  const { logins, vault, resolver } = readingWithLogin();
  let login = 0;
  logins.answer = () => ({ values: { token: `login ${++login}` }, expiresIn: 3_600 });
  vault.answer = async (path: string, { need }: Context<"login">) => {
    const held = (await need("login")).get("token");
    if (path === "forbidden") return denied("needs read on this path");
    return held === "login 2" ? { key: "k" } : denied("the login was refused", { need: "login" });
  };
  assertEquals((await rejection(resolver.resolve("b:key"))).code, "denied");
  assertEquals(login, 1);
  assertEquals((await resolver.resolve("a:key")).get("key"), "k");
  assertEquals(login, 2);
});

Deno.test("a refusal that names what is not among the store's needs is a mistake of the store", async () => {
  const own = scriptedStore<"token", "client">({ shape: token, needs: ["client"] });
  own.answer = denied("no", { need: "priority" });
  const resolver = createResolver(
    defineChain({
      stores: {
        own: own.store({ priority: 1, client: "a:client" }),
        static: scriptedStore({ shape: variables, answers: { id: "i" } }).store({ priority: 0 }),
      },
      credentials: {
        "a:client": { fields: { id: required() }, from: { static: { prefix: "" } } },
        "a:token": { fields: { token: required() }, from: { own: true } },
      },
    }),
    testHost(),
  );
  const { code, trace } = await rejection(resolver.resolve("a:token"));
  assertEquals([code, trace[0]?.detail], [
    "invalid",
    "its look-up names a need that it does not declare: fix the store's code",
  ]);
});

Deno.test("a path that refuses its login for good obtains others at growing intervals, and leaves what another path gives as it is", async () => {
  const { logins, vault, host, resolver } = readingWithLogin();
  let login = 0;
  logins.answer = () => ({ values: { token: `login ${++login}` }, expiresIn: 36_000 });
  vault.answer = async (path: string, { need }: Context<"login">) => {
    await need("login");
    return path === "open" ? { key: "k" } : denied("the login was refused", { need: "login" });
  };
  for (let minute = 0; minute < 60; minute++) {
    const key = await resolver.resolve("a:key");
    assertEquals([key.degraded, key.get("key")], [false, "k"]);
    await rejection(resolver.resolve("b:key"));
    host.clock.jump(host.clock.now() + MINUTE);
  }
  assert(login > 10 && login < 20, `obtained ${login} in an hour`);
});

Deno.test("a secret that is read once is read again while it is refused, so that a corrected one counts within 15 seconds", async () => {
  const { provider, clients, clock, resolver } = exchange({ secret: "old" });
  await rejection(resolver.resolve("s3:identity"));
  for (let second = 0; second < 600; second++) {
    await rejection(resolver.resolve("s3:identity"));
    clock.jump(clock.now() + SECOND);
  }
  assert(clients.asked.length < 60, `read ${clients.asked.length} times in ten minutes`);
  clients.answers.client_secret = "good";
  await clock.advance(15 * SECOND);
  assertEquals((await resolver.resolve("s3:identity")).get("token"), "jwt 1 by key 1");
  provider.secret = clients.answers.client_secret = "rotated";
  resolver.invalidate("s3:identity");
  assertEquals((await resolver.resolve("s3:identity")).get("token"), "jwt 2 by key 1");
});

Deno.test("a secret that is refused twice in a row is not read more often than its store says", async () => {
  const { clients, clock, resolver } = exchange({ secret: "old", recheck: MINUTE });
  await rejection(resolver.resolve("s3:identity"));
  assertEquals(clients.asked.length, 2, "once, and once more when it was refused");
  for (let second = 0; second < 600; second++) {
    await rejection(resolver.resolve("s3:identity"));
    clock.jump(clock.now() + SECOND);
  }
  assertEquals(clients.asked.length, 11);
  clients.answers.client_secret = "good";
  await clock.advance(MINUTE);
  assertEquals((await resolver.resolve("s3:identity")).get("token"), "jwt 1 by key 1");
});

Deno.test("a login that was kept after refusals is replaced in the call in which a store finds it dead", async () => {
  const { logins, vault, host, resolver } = readingWithLogin();
  const alive = new Set<unknown>();
  let asked = 0;
  logins.answer = (_, { previous }: TokenContext) => {
    asked++;
    const held = previous?.values.token;
    const login = alive.has(held) ? held : `login ${asked}`;
    alive.add(login);
    return { values: { token: login }, expiresIn: 36_000 };
  };
  vault.answer = async (_: string, { need }: Context<"login">) => {
    const login = (await need("login")).get("token");
    return alive.has(login) ? { key: `by ${login}` } : denied("the login was refused", { need: "login" });
  };
  const refusals = async (count: number) => {
    for (let refusal = 0; refusal < count; refusal++) {
      resolver.invalidate(await resolver.resolve("vault:login"));
      await resolver.resolve("vault:login");
    }
  };
  assertEquals((await resolver.resolve("a:key")).get("key"), "by login 1");
  // Each is asked for at longer intervals, since a service may go on refusing a login that is alive.
  await refusals(1_000);
  assertEquals(asked, 2);
  for (let minute = 0; minute < 6; minute++) {
    host.clock.jump(host.clock.now() + MINUTE);
    await refusals(10);
  }
  const before = asked;
  alive.clear();
  host.clock.jump(host.clock.now() + 2 * SECOND);
  assertEquals((await resolver.resolve("a:key")).get("key"), `by login ${before + 1}`);
  assertEquals(asked, before + 1);
  alive.clear();
  host.clock.jump(host.clock.now() + 2 * SECOND);
  assertEquals((await resolver.resolve("a:key")).get("key"), `by login ${before + 2}`);
});

Deno.test("the lifetime of keys counts from the request that gave them, not from the one whose need was refused", async () => {
  const { provider, clock, resolver, rotateKeys } = exchange();
  await resolver.resolve("s3:identity");
  rotateKeys();
  const { promise, resolve: answer } = Promise.withResolvers<void>();
  provider.gate = promise;
  const keys = resolver.resolve("s3:keys");
  await clock.advance(3 * SECOND);
  answer();
  assertEquals((await keys).expiresAt, clock.now() + 3_600 * SECOND);
});
