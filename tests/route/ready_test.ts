import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Hono } from "hono";
import {
  createResolver,
  defineChain,
  denied,
  env,
  required,
  type Resolver,
  token,
  unavailable,
  variables,
} from "../../mod.ts";
import type { DescribeRouteOptions } from "../../src/route/mod.ts";
import { scriptedStore, testHost, type TestHostOptions } from "../../src/testing/mod.ts";
import { settled } from "../support/fixtures/settled.ts";
import { Page } from "../support/pages/page.ts";
import { bearer, mount, TOKEN } from "../support/route/route_harness.ts";

const SECOND = 1_000;
const AUTH = { auth: { token: TOKEN } };
const NEEDED = { ...AUTH, needed: ["polaris:rest", "neo4j:basic"] } as const;

/** A chain with a token of 10 minutes, and a login that is asked for over the network. */
function setUp(options: TestHostOptions = {}) {
  const host = testHost(options);
  const m2m = scriptedStore({ shape: token, answer: () => ({ values: { token: "fake" }, expiresIn: 600 }) });
  const remote = scriptedStore({ shape: variables, answers: { db_password: "not-a-secret" }, local: false });
  const chain = defineChain({
    stores: {
      m2m: m2m.store({ priority: 3, onExpired: "next" }),
      remote: remote.store({ priority: 2, recheck: 60 * SECOND }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "polaris:rest": { fields: { token: required() }, from: { m2m: true } },
      "neo4j:basic": { fields: { password: required() }, from: { remote: { prefix: "db_" } } },
      "ops:describe": { fields: { token: required() }, from: { remote: { prefix: "ops_" } } },
    },
  });
  const asked = () => [m2m.asked.length, remote.asked.length];
  return { host, m2m, remote, asked, resolver: createResolver(chain, host) };
}

// Hint: the hashes of the page are computed for the first request, which takes time that no test clock counts.
/** Mounts a route that has answered a request before. */
async function mounted<C>(resolver: Resolver<C>, options: DescribeRouteOptions<C>): Promise<Hono> {
  const app = mount(resolver, options);
  await app.request("/credentials/live");
  return app;
}

async function probe(app: Hono, path = "ready", init?: RequestInit) {
  const answer = await app.request(`/credentials/${path}`, init);
  return { status: answer.status, type: answer.headers.get("Content-Type"), text: await answer.text() };
}

const status = async (app: Hono) => (await probe(app)).status;
const never = () => new Promise<undefined>(() => {});

Deno.test("GET /ready resolves what is needed and is 200, although the application has resolved nothing yet", async () => {
  const { resolver, asked } = setUp();
  const app = mount(resolver, NEEDED);
  assertEquals(await probe(app), { status: 200, type: "application/json", text: '{"status":"ok"}' });
  assertEquals(asked(), [1, 1]);
  assertEquals([resolver.peek("polaris:rest")?.source, resolver.peek("ops:describe")], ["m2m", undefined]);
});

Deno.test("GET /ready is 503 with problem details while a needed credential is missing, and tells keys only to authenticated requests", async () => {
  const { resolver, m2m } = setUp();
  m2m.answer = () => unavailable("HTTP 503");
  const app = mount(resolver, NEEDED);
  for (const init of [undefined, bearer("wrong")]) {
    const { status, type, text } = await probe(app, "ready", init);
    assertEquals([status, type], [503, "application/problem+json"]);
    assertEquals(JSON.parse(text), {
      type: "about:blank",
      title: "Service Unavailable",
      status: 503,
      detail: "A needed credential is not held or has expired",
    });
  }
  const documented = JSON.parse(new Page("src/route/README.md").first("json"));
  assertEquals(JSON.parse((await probe(app, "ready", bearer())).text), documented);
});

Deno.test("GET /ready tells authenticated requests which keys it is ready with", async () => {
  const app = mount(setUp().resolver, NEEDED);
  assertEquals(JSON.parse((await probe(app, "ready", bearer())).text), { status: "ok", needed: NEEDED.needed });
});

Deno.test("GET /ready is 404 where the route was given no needed credentials, so that a probe of nothing is noticed", async () => {
  const { resolver, asked } = setUp();
  for (const path of ["ready", "health"]) {
    const { status, type, text } = await probe(mount(resolver, AUTH), path);
    assertEquals([status, type], [404, "application/problem+json"]);
    assertStringIncludes(text, "Expected needed");
  }
  assertEquals(await status(mount(resolver, { ...AUTH, needed: [] })), 200);
  assertEquals(asked(), [0, 0]);
});

Deno.test("GET /live is 200 and asks nothing, whatever the credentials are, so that an outage restarts no process", async () => {
  const { resolver, m2m, remote, asked } = setUp();
  m2m.answer = never;
  remote.answer = () => denied("HTTP 403");
  for (const options of [AUTH, NEEDED, { auth: { credential: "ops:describe" } }] as const) {
    assertEquals(await probe(mount(resolver, options), "live"), {
      status: 200,
      type: "application/json",
      text: '{"status":"ok"}',
    });
  }
  await resolver[Symbol.asyncDispose]();
  assertEquals((await probe(mount(resolver, NEEDED), "live")).status, 200);
  assertEquals(asked(), [0, 0]);
});

Deno.test("GET /health is GET /ready by its older name, and shares its resolves", async () => {
  const { resolver, m2m, asked } = setUp();
  m2m.answer = undefined;
  const app = mount(resolver, NEEDED);
  assertEquals(await probe(app, "health", bearer()), await probe(app, "ready", bearer()));
  assertEquals(asked(), [1, 1]);
});

Deno.test("HEAD of /ready and /live is GET without a body", async () => {
  const { resolver, m2m, host } = setUp();
  const app = mount(resolver, NEEDED);
  const head = (path: string) => probe(app, path, { method: "HEAD" });
  for (const path of ["ready", "live"]) assertEquals([(await head(path)).status, (await head(path)).text], [200, ""]);
  m2m.answer = undefined;
  resolver.invalidate("polaris:rest");
  await host.clock.advance(SECOND);
  assertEquals([(await head("ready")).status, (await head("ready")).text], [503, ""]);
});

Deno.test("a hundred probes at once resolve once, and so do all probes of one second", async () => {
  for (const requestBound of [false, true]) {
    const { resolver, host, remote, asked } = setUp({ requestBound });
    remote.answers.db_password = () => new Promise((resolve) => void host.clock.after(100, () => resolve(undefined)));
    const app = await mounted(resolver, NEEDED);
    const probes = settled(Promise.all(Array.from({ length: 100 }, () => status(app))));
    await host.clock.advance(125);
    assertEquals(probes.value?.every((each) => each === 503), true);
    for (let at = 125; at < SECOND; at += 25) {
      assertEquals(await status(app), 503);
      await host.clock.advance(25);
    }
    // Hint: what is not there is looked for once by each resolve.
    assertEquals(asked(), [1, 1]);
    settled(status(app));
    await host.clock.advance(0);
    assertEquals(asked(), [1, 2]);
  }
});

Deno.test("a minute of five probes a second does not flood an OAuth server that fails", async () => {
  const { resolver, host, m2m } = setUp();
  m2m.answer = () => unavailable("HTTP 503");
  const app = await mounted(resolver, { ...AUTH, needed: ["polaris:rest"] });
  for (let at = 0; at < 60 * SECOND; at += 200) {
    assertEquals(await status(app), 503);
    await host.clock.advance(200);
  }
  // Hint: two failures have no pause, and those after them 1 s, doubling to 15 s.
  assertEquals(m2m.asked.length, 9);
});

Deno.test("a probe is answered within 800 ms, and the next one sees what has arrived meanwhile", async () => {
  for (const requestBound of [false, true]) {
    const { resolver, host, m2m, asked } = setUp({ requestBound });
    m2m.answer = () =>
      new Promise((resolve) =>
        void host.clock.after(1_500, () => resolve({ values: { token: "fake" }, expiresIn: 600 }))
      );
    const app = await mounted(resolver, NEEDED);
    const first = settled(status(app));
    await host.clock.advance(799);
    assertEquals(first.value, undefined);
    await host.clock.advance(1);
    assertEquals(first.value, 503);
    await host.clock.advance(SECOND);
    const second = settled(status(app));
    await host.clock.advance(800);
    assertEquals([second.value, asked()], [200, [1, 1]], `requestBound: ${requestBound}`);
  }
});

Deno.test("a probe waits no longer for who sends it than for the credentials", async () => {
  const { resolver, host } = setUp();
  const app = await mounted(resolver, {
    auth: { verify: () => new Promise<boolean>(() => {}) },
    needed: ["neo4j:basic"],
  });
  const hanging = settled(probe(app, "ready", bearer()));
  await host.clock.advance(800);
  assertEquals(hanging.value?.text, '{"status":"ok"}');
});

Deno.test("a credential that is degraded is ready, and one that has expired is not, from that moment on", async () => {
  const { resolver, host, m2m, remote } = setUp();
  const app = mount(resolver, NEEDED);
  assertEquals(await status(app), 200);
  m2m.answer = () => unavailable("HTTP 503");
  remote.answers.db_password = () => unavailable("HTTP 503");
  await host.clock.advance(600 * SECOND - 500);
  assertEquals(await status(app), 200);
  assertEquals(resolver.peek("neo4j:basic")?.degraded, true);
  await host.clock.advance(500);
  assertEquals(await status(app), 503, "the second is not over, but the token is");
});

Deno.test("an expired token that is served is not ready", async () => {
  const host = testHost();
  const m2m = scriptedStore({ shape: token, answer: () => ({ values: { token: "fake" }, expiresIn: 60 }) });
  const chain = defineChain({
    stores: { m2m: m2m.store({ priority: 1, onExpired: "serve" }) },
    credentials: { "a:b": { fields: { token: required() }, from: { m2m: true } } },
  });
  const resolver = createResolver(chain, host);
  const app = mount(resolver, { ...AUTH, needed: ["a:b"] });
  assertEquals(await status(app), 200);
  m2m.answer = () => unavailable("HTTP 503");
  await host.clock.advance(60 * SECOND);
  const { failed } = JSON.parse((await probe(app, "ready", bearer())).text);
  assertEquals(failed, [{ key: "a:b", code: "unavailable" }]);
  assertEquals((await resolver.resolve("a:b")).degraded, true);
});

Deno.test("what the application resolves between two probes is ready at once", async () => {
  const { resolver, remote } = setUp();
  remote.answers.db_password = undefined;
  const app = mount(resolver, NEEDED);
  assertEquals(await status(app), 503);
  remote.answers.db_password = "not-a-secret";
  await resolver.resolve("neo4j:basic");
  assertEquals(await status(app), 200);
});

Deno.test("a probe asks again at once after the clock was set back", async () => {
  const { resolver, host, remote, asked } = setUp();
  remote.answers.db_password = undefined;
  const app = await mounted(resolver, NEEDED);
  assertEquals([await status(app), asked()], [503, [1, 1]]);
  host.clock.jump(host.clock.now() - 3_600 * SECOND);
  remote.answers.db_password = "not-a-secret";
  assertEquals([await status(app), remote.asked.length], [200, 2]);
});

Deno.test("probes of a hanging server share its request, and leave no timer behind", async () => {
  const { resolver, host, m2m, asked } = setUp();
  m2m.answer = never;
  const app = await mounted(resolver, NEEDED);
  for (let second = 0; second < 5; second++) {
    const probed = settled(status(app));
    await host.clock.advance(SECOND);
    assertEquals(probed.value, 503);
  }
  assertEquals(asked(), [1, 1]);
  await host.clock.advance(60 * SECOND);
  assertEquals(host.clock.timers, 0);
});

Deno.test("a renewal that a probe starts is kept alive by the context of its request, as on workerd", async () => {
  const { resolver, m2m } = setUp({ requestBound: true });
  m2m.later = true;
  const app = mount(resolver, NEEDED);
  const kept: Promise<unknown>[] = [];
  const context = { waitUntil: (promise: Promise<unknown>) => void kept.push(promise), passThroughOnException() {} };
  await app.request("/credentials/ready", {}, {}, { ...context, props: {} } as never);
  assert(kept.length > 0);
});

Deno.test("a resolver that is disposed of is not ready", async () => {
  const { resolver } = setUp();
  const app = mount(resolver, NEEDED);
  await resolver[Symbol.asyncDispose]();
  const { failed } = JSON.parse((await probe(app, "ready", bearer())).text);
  assertEquals(failed.map(({ code }: { code: string }) => code), ["closed", "closed"]);
});
