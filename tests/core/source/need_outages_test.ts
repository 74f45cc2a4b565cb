import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  createResolver,
  defineChain,
  memory,
  perCredential,
  required,
  token,
  unavailable,
  variables,
} from "../../../mod.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import { sts } from "../../../src/stores/sts/sts.ts";
import { scriptedStore, type TestClock, testClock, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { chance } from "../../support/outages/chance.ts";
import { simulatedClock, turns } from "../../support/outages/simulated_clock.ts";
import { minted } from "../../support/tokens/minted.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Creates a token store whose client's secret is in a store that can fail, and a client of the service. */
function setUp({ recheck = SECOND } = {}) {
  const secrets = scriptedStore({ shape: variables, recheck, answers: { id: "fake-id", secret: "fake-secret" } });
  let mints = 0;
  const tokens = scriptedStore({
    shape: token,
    needs: ["client", "proof"],
    answer: async (_, { need }) => {
      const [client, proof] = [await need("client"), await need("proof")];
      return { values: { token: `token-${++mints} ${client.get("secret")} ${proof.get("secret")}` }, expiresIn: 3_600 };
    },
  });
  const chain = defineChain({
    stores: {
      tokens: tokens.store({ priority: 200, client: "m2m:client", proof: "m2m:proof" }),
      secrets: secrets.store({ priority: 100 }),
    },
    credentials: {
      "m2m:client": { fields: { id: required(), secret: required() }, from: { secrets: { prefix: "" } } },
      "m2m:proof": { fields: { secret: required() }, from: { secrets: { fields: { secret: "proof" } } } },
      "a:token": { fields: { token: required() }, from: { tokens: true } },
    },
  });
  secrets.answers.proof = "fake-proof";
  const host = testHost();
  const resolver = createResolver(chain, host);
  return { resolver, secrets, tokens, clock: host.clock };
}

Deno.test("a short outage of the store that has a client's unchanged secret mints no second token and rebuilds no client", async () => {
  const { resolver, secrets, tokens, clock } = setUp();
  let built = 0;
  const client = perCredential(resolver, "a:token", () => ++built);
  await client();
  for (let outage = 0; outage < 3; outage++) {
    const before = { ...secrets.answers };
    Object.assign(secrets.answers, {
      id: unavailable("sealed"),
      secret: unavailable("sealed"),
      proof: unavailable("x"),
    });
    for (let second = 0; second < 10; second++) {
      await clock.advance(SECOND);
      await client();
    }
    assertEquals((await resolver.resolve("m2m:client")).degraded, true);
    Object.assign(secrets.answers, before);
    for (let second = 0; second < 10; second++) {
      await clock.advance(SECOND);
      await client();
    }
    assertEquals((await resolver.resolve("m2m:client")).degraded, false);
  }
  assertEquals([tokens.asked.length, built], [1, 1]);
});

Deno.test("a secret that is rotated during an outage of its store mints one token when the store is back", async () => {
  const { resolver, secrets, tokens, clock } = setUp();
  await resolver.resolve("a:token");
  secrets.answers.secret = unavailable("sealed");
  await clock.advance(SECOND);
  await resolver.resolve("a:token");
  secrets.answers.secret = "rotated";
  for (let second = 0; second < 10; second++) {
    await clock.advance(SECOND);
    await resolver.resolve("a:token");
  }
  assertMatch((await resolver.resolve("a:token")).get("token"), /^token-2 rotated /);
  assertEquals(tokens.asked.length, 2);
});

Deno.test("one renewal looks at each of its needs once", async () => {
  const { resolver, secrets, clock } = setUp({ recheck: 0 });
  const asked = () => {
    const names = secrets.asked.splice(0);
    return ["id", "secret", "proof"].map((name) => names.filter((each) => each === name).length);
  };
  await resolver.resolve("a:token");
  assertEquals(asked(), [1, 1, 1]);
  await clock.advance(46 * MINUTE);
  assertMatch((await resolver.resolve("a:token")).get("token"), /^token-2 /);
  assertEquals(asked(), [1, 1, 1]);
  await clock.advance(61 * MINUTE);
  assertMatch((await resolver.resolve("a:token")).get("token"), /^token-3 /);
  assertEquals(asked(), [1, 1, 1]);
  resolver.invalidate("a:token");
  assertMatch((await resolver.resolve("a:token")).get("token"), /^token-4 /);
  assertEquals(asked(), [1, 1, 1]);
  secrets.answers.secret = "rotated";
  assertMatch((await resolver.resolve("a:token")).get("token"), /^token-5 rotated/);
  assertEquals(asked(), [1, 1, 1]);
});

/** Starts a stand-in for a token endpoint and an STS, each of whose answers comes after 3 s of a clock. */
function startSlowServers() {
  let held = 0;
  let pending = 0;
  const clock: TestClock = simulatedClock(async () => {
    do await turns(20); while (pending !== held);
  });
  const slow = async (body: string, type: string) => {
    held++;
    await new Promise<void>((resolve) => void clock.after(3 * SECOND, resolve));
    held--;
    return new Response(body, { headers: { "content-type": type } });
  };
  const expiration = new Date(clock.now() + 60 * MINUTE).toISOString();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    await request.text();
    return request.url.endsWith("/token")
      ? slow('{"access_token":"fake","token_type":"Bearer","expires_in":3600}', "application/json")
      : slow(
        `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
        <AccessKeyId>fake-key</AccessKeyId><SecretAccessKey>fake</SecretAccessKey><SessionToken>fake</SessionToken>
        <Expiration>${expiration}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
        "text/xml",
      );
  });
  const counted: typeof fetch = async (input, init) => {
    pending++;
    try {
      const { status, headers, body } = await fetch(input, init);
      return new Response(body && await new Response(body).arrayBuffer(), { status, headers });
    } finally {
      pending--;
    }
  };
  const stop = () => server.shutdown();
  return { clock, fetch: counted, url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: stop };
}

Deno.test("an identity provider and an STS that take 3 s each are both within their timeout of 5 s", async () => {
  await using servers = startSlowServers();
  const { clock, fetch, url } = servers;
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 3, client: "m2m:client", tokenEndpoint: `${url}/token` }),
      sts: sts({ priority: 2, endpoint: `${url}/sts`, webIdentity: "minio:identity" }),
      memory: memory({ priority: 1, values: { client_id: "fake", client_secret: "fake" } }),
    },
    credentials: {
      "m2m:client": { fields: { client_id: required(), client_secret: required() }, from: { memory: { prefix: "" } } },
      "minio:identity": { fields: { token: required() }, from: { m2m: { fields: { token: "access_token" } } } },
      "minio:sts": {
        fields: { access_key: required(), secret_key: required(), session_token: required() },
        from: { sts: true },
      },
    },
  });
  const resolver = createResolver(chain, testHost({ clock, fetch }));
  const began = clock.now();
  const [credential] = await Promise.all([resolver.resolve("minio:sts"), clock.advance(6 * SECOND)]);
  assertEquals([credential.get("access_key"), clock.now() - began], ["fake-key", 6 * SECOND]);
});

/** Creates a chain of three token stores, each of which takes some time of its own after its need. */
function slowChain(...durations: readonly number[]) {
  const clock = testClock();
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
  const stores = durations.map((ms) =>
    scriptedStore<"token", "below">({
      shape: token,
      needs: ["below"],
      answer: async (_, { need }) => {
        await need("below");
        await wait(ms);
        return { values: { token: "fake" }, expiresIn: 3_600 };
      },
    })
  );
  const named = stores.map((store, at) => [`s${at}`, store.store({ priority: 9 - at, below: `k:${at}` })] as const);
  const credentials = stores.map((
    _,
    at,
  ) => [`k:${at + 1}`, { fields: { token: required() }, from: { [`s${at}`]: true } }]);
  const chain = defineChain({
    stores: { ...Object.fromEntries(named), memory: memory({ priority: 1, values: { token: "fake" } }) },
    credentials: {
      "k:0": { fields: { token: required() }, from: { memory: { prefix: "" } } },
      ...Object.fromEntries(credentials),
    },
  } as never) as { stores: object; credentials: Record<string, never> };
  const resolver = createResolver(chain as never, testHost({ clock })) as { resolve(key: string): Promise<unknown> };
  return { clock, resolver };
}

Deno.test("the time in which a need is resolved counts for its own store alone, and an own answer that is late is late", async () => {
  const within = slowChain(3 * SECOND, 3 * SECOND, 3 * SECOND);
  const [credential] = await Promise.all([within.resolver.resolve("k:3"), within.clock.advance(9 * SECOND)]);
  assert(credential);
  for (
    const [durations, key, message, ends] of [
      [[4 * SECOND, 6 * SECOND], "k:2", /"s1" is unavailable: no answer within its timeout of 5000 ms/, 9 * SECOND],
      [[6 * SECOND, SECOND], "k:2", /"s1" is unavailable: .*k:1.*no answer within its timeout of 5000 ms/, 5 * SECOND],
    ] as const
  ) {
    const { clock, resolver } = slowChain(...durations);
    const began = clock.now();
    let ended: number | undefined;
    const failed = rejection(resolver.resolve(key).finally(() => ended = clock.now() - began));
    for (let step = 0; step < 20; step++) await clock.advance(SECOND / 2);
    assertMatch((await failed).message, message);
    assertEquals(ended, ends);
  }
});

Deno.test("a service that refuses a token which its source hands out again causes a few requests, not one for each refusal", async () => {
  const { server, resolver, clock } = minted();
  for (let call = 0; call < 120; call++) {
    const credential = await resolver.resolve("b:token");
    resolver.invalidate(credential);
    await clock.advance(SECOND);
  }
  // Hint: the first renewal comes at once, and the others after 5, 10, 20, 40 and 80 seconds.
  assert(server.requests <= 8, `Expected at most 8 requests, found ${server.requests}`);
});

Deno.test("a look-up that ends before the need that it asked for leaves no timer behind, and is not aborted", async () => {
  const clock = testClock();
  let aborted = false;
  const slow = scriptedStore({
    shape: variables,
    answer: () => new Promise<string>((resolve) => void clock.after(3 * SECOND, () => resolve("late"))),
  });
  const hasty = scriptedStore({
    shape: variables,
    needs: ["client"],
    answer: (_, { need, signal }) => {
      signal.addEventListener("abort", () => aborted = true);
      need("client").catch(() => {});
      return Promise.resolve("value");
    },
  });
  const chain = defineChain({
    stores: { hasty: hasty.store({ priority: 2, client: "a:client" }), slow: slow.store({ priority: 1 }) },
    credentials: {
      "a:client": { fields: { user: required() }, from: { slow: { prefix: "" } } },
      "b:hasty": { fields: { user: required() }, from: { hasty: { prefix: "" } } },
    },
  });
  const resolver = createResolver(chain, testHost({ clock }));
  assertEquals((await resolver.resolve("b:hasty")).get("user"), "value");
  await clock.advance(3 * SECOND);
  assertEquals(clock.timers, 0);
  await clock.advance(10 * SECOND);
  assertEquals(aborted, false);
});

Deno.test("a valid token is given at once to all callers but one in each pause while the store of its client hangs", async () => {
  const { resolver, secrets, tokens, clock } = setUp();
  await resolver.resolve("a:token");
  const hang = () => new Promise<never>(() => {});
  Object.assign(secrets.answers, { id: hang, secret: hang, proof: hang });
  await clock.advance(SECOND);
  const waits: number[] = [];
  const failed: string[] = [];
  for (let call = 0; call < 600; call++) {
    const began = clock.now();
    resolver.resolve("a:token").catch(({ message }) => failed.push(message)).then(() =>
      waits.push(clock.now() - began)
    );
    await clock.advance(SECOND / 5);
  }
  await clock.advance(15 * SECOND);
  assertEquals(failed, []);
  assertEquals([waits.length, tokens.asked.length], [600, 1]);
  const waited = waits.filter((wait) => wait > 100);
  // Hint: one caller waits for each of two needs, after pauses of 1, 2, 4, 8 and then 15 seconds at least.
  assert(waited.length <= 2 * 11, `Expected at most 22 callers to wait, found ${waited}`);
});

Deno.test("a token that is obtained with another one is there within 15 s after an outage, since only the other one has pauses", async () => {
  let isDown = false;
  const identity = scriptedStore({
    shape: token,
    answer: () => isDown ? unavailable("HTTP 503") : { values: { token: "fake-identity" }, expiresIn: 4 },
  });
  const keys = scriptedStore({
    shape: token,
    needs: ["identity"],
    answer: async (_, { need }) => {
      await need("identity");
      return { values: { token: "fake-keys" }, expiresIn: 4 };
    },
  });
  const chain = defineChain({
    stores: {
      keys: keys.store({ priority: 2, identity: "a:identity", onExpired: "next" }),
      identity: identity.store({ priority: 1, onExpired: "next" }),
    },
    credentials: {
      "a:identity": { fields: { token: required() }, from: { identity: true } },
      "a:keys": { fields: { token: required() }, from: { keys: true } },
    },
  });
  const step = 500;
  // Hint: with pauses of its own, some of these took up to 20 s.
  for (const seed of [1, 2, 3, 20, 21, 32]) {
    isDown = false;
    const host = testHost({ random: chance(seed) });
    const resolver = createResolver(chain, host);
    const isThere = () => resolver.resolve("a:keys").then(({ degraded }) => !degraded, () => false);
    assert(await isThere());
    isDown = true;
    for (let at = 0; at < 40 * SECOND; at += step) {
      await isThere();
      await host.clock.advance(step);
    }
    isDown = false;
    let waited = 0;
    for (; !await isThere(); waited += step) await host.clock.advance(step);
    assert(waited <= 15 * SECOND, `seed ${seed}: Expected the keys within 15 s, found them after ${waited} ms`);
  }
});
