import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describeRoute, type DescribeRouteOptions } from "../../src/route/mod.ts";
import { unavailable } from "../../mod.ts";
import { basic, bearer, harness, type TestCredentials, TOKEN } from "../support/route/route_harness.ts";

type Options = DescribeRouteOptions<TestCredentials>;

const UNCONFIRMED = 'Expected allowUnauthenticated: true with auth: "none", which lets anybody read the route';
const NO_AUTH = 'Expected auth to be { token }, { credential }, { verify } or "none"';
const NOT_TOKENS = "Expected auth.token to be a string or an array of strings";

async function statusOf(options: Options, init?: RequestInit): Promise<number> {
  return (await harness().mount(options).request("/credentials", init)).status;
}

Deno.test("a route accepts its token as Bearer and as the password of Basic, and nothing else", async () => {
  const auth = { token: TOKEN };
  assertEquals(await statusOf({ auth }, bearer()), 200);
  assertEquals(await statusOf({ auth }, { headers: { authorization: `bearer  ${TOKEN}` } }), 200);
  assertEquals(await statusOf({ auth }, basic(TOKEN)), 200);
  assertEquals(await statusOf({ auth }, basic(TOKEN, "")), 200);
  const refused: (RequestInit | undefined)[] = [
    undefined,
    bearer("wrong"),
    bearer(`${TOKEN}x`),
    bearer(TOKEN.slice(1)),
    bearer(TOKEN.toUpperCase()),
    basic("wrong"),
    basic("wrong", TOKEN),
    { headers: { Authorization: TOKEN } },
    { headers: { Authorization: `Digest ${TOKEN}` } },
    { headers: { Authorization: "Bearer" } },
    { headers: { Authorization: "Bearer " } },
    { headers: { Authorization: "Basic ====" } },
    { headers: { Authorization: "Basic" } },
  ];
  for (const init of refused) {
    assertEquals(await statusOf({ auth }, init), 401, JSON.stringify(init));
  }
});

Deno.test("a route accepts any of several tokens, so that one can be rotated without an outage", async () => {
  const auth = { token: ["first-fake", "second-fake"] };
  assertEquals(await statusOf({ auth }, bearer("first-fake")), 200);
  assertEquals(await statusOf({ auth }, basic("second-fake")), 200);
  assertEquals(await statusOf({ auth }, bearer("third-fake")), 401);
});

Deno.test("a blank token is never accepted, as when the variable that should hold it is unset", async () => {
  for (const token of ["", " ", [], ["", "  "]]) {
    for (const init of [undefined, bearer(""), bearer(" "), basic(""), basic(" ")]) {
      assertEquals(await statusOf({ auth: { token } }, init), 401, JSON.stringify([token, init]));
    }
  }
});

Deno.test("a token with non-ASCII characters is accepted as a password, and a very long one is refused", async () => {
  const auth = { token: "pässwörd-✓" };
  assertEquals(await statusOf({ auth }, basic("pässwörd-✓")), 200);
  assertEquals(await statusOf({ auth }, basic("pässwörd-✗")), 401);
  assertEquals(await statusOf({ auth }, { headers: { Authorization: "Bearer p\u00e4ssw\u00f6rd" } }), 401);
  const long = "x".repeat(1_000_000);
  assertEquals(await statusOf({ auth: { token: long } }, bearer(long)), 401);
  assertEquals(await statusOf({ auth }, basic(long)), 401);
});

Deno.test("two Authorization headers are refused, even if one of them is valid", async () => {
  const headers = new Headers([["Authorization", `Bearer ${TOKEN}`], ["Authorization", "Bearer wrong"]]);
  assertEquals(await statusOf({ auth: { token: TOKEN } }, { headers }), 401);
  const twice = new Headers([["Authorization", `Bearer ${TOKEN}`], ["Authorization", `Bearer ${TOKEN}`]]);
  assertEquals(await statusOf({ auth: { token: TOKEN } }, { headers: twice }), 401);
});

Deno.test("a navigation is asked for a password, and a page that refreshes itself is not", async () => {
  const app = harness().mount({ auth: { token: TOKEN } });
  const challenge = async (mode?: string) => {
    const answer = await app.request("/credentials", mode ? { headers: { "Sec-Fetch-Mode": mode } } : {});
    assertEquals(answer.status, 401);
    return answer.headers.get("WWW-Authenticate") ?? "";
  };
  for (const header of [await challenge(), await challenge("navigate")]) {
    assertStringIncludes(header, "Basic realm=");
    assertStringIncludes(header, "Bearer realm=");
  }
  assertEquals((await challenge("cors")).includes("Basic"), false);
});

Deno.test("verify decides who may read the route, and a request for which it throws or rejects is refused", async () => {
  const statusWith = (verify: () => unknown) => statusOf({ auth: { verify: verify as () => boolean } });
  assertEquals(await statusWith(() => true), 200);
  assertEquals(await statusWith(() => Promise.resolve(true)), 200);
  assertEquals(await statusWith(() => false), 401);
  assertEquals(await statusWith(() => "yes"), 401);
  assertEquals(await statusWith(() => Promise.reject(new Error("down"))), 401);
  const thrower = () => {
    throw new Error("down");
  };
  assertEquals(await statusWith(thrower), 401);
  const app = harness().mount({ auth: { verify: (c) => c.req.header("X-User") === "root" } });
  assertEquals((await app.request("/credentials", { headers: { "X-User": "root" } })).status, 200);
  assertEquals((await app.request("/credentials", bearer())).status, 401);
});

Deno.test("a route without authentication needs allowUnauthenticated: true", async () => {
  const { resolver, mount } = harness();
  assertThrows(() => describeRoute(resolver, { auth: "none" } as never), TypeError, UNCONFIRMED);
  assertThrows(
    () => describeRoute(resolver, { auth: "none", allowUnauthenticated: "yes" } as never),
    TypeError,
    UNCONFIRMED,
  );
  for (const auth of [undefined, null, "", "open", {}, 1]) {
    assertThrows(() => describeRoute(resolver, { auth } as never), TypeError, NO_AUTH);
  }
  assertThrows(() => describeRoute(resolver, { auth: { token: 1 } } as never), TypeError, NOT_TOKENS);
  assertThrows(() => describeRoute(resolver, { auth: { token: [undefined] } } as never), TypeError, NOT_TOKENS);
  const app = mount({ auth: "none", allowUnauthenticated: true });
  assertEquals((await app.request("/credentials")).status, 200);
});

Deno.test("a route with its token in a credential resolves it at most once a second, and answers 503 while it is missing", async () => {
  const { mount, store, host, resolver } = harness();
  const app = mount({ auth: { credential: "ops:describe" } });
  const status = async (init = bearer()) => (await app.request("/credentials", init)).status;
  assertEquals((await app.request("/credentials")).status, 401);
  assertEquals(store.asked.length, 0, "a request without a token asks no store");
  assertEquals(await status(), 200);
  assertEquals(await status(bearer("wrong")), 401);
  for (let request = 0; request < 100; request++) await status(bearer("wrong"));
  assertEquals(store.asked.length, 1);

  store.answers.ops_token = "rotated-fake";
  await host.clock.advance(6_000);
  assertEquals(await status(), 401, "the store above has another token now");
  assertEquals(await status(bearer("rotated-fake")), 200);

  delete store.answers.ops_token;
  delete host.env.OPS_TOKEN;
  resolver.invalidate("ops:describe");
  await host.clock.advance(6_000);
  const missing = await app.request("/credentials", bearer("rotated-fake"));
  assertEquals(missing.status, 503);
  assertEquals(missing.headers.get("Retry-After"), "1");
  const asked = store.asked.length;
  for (let request = 0; request < 100; request++) assertEquals(await status(), 503);
  assertEquals(store.asked.length, asked, "unauthenticated requests cannot make it ask more often");

  host.env.OPS_TOKEN = TOKEN;
  await host.clock.advance(1_000);
  assertEquals(await status(), 200);
});

Deno.test("concurrent first requests resolve the credential of the token once", async () => {
  const { mount, store } = harness();
  store.later = true;
  const app = mount({ auth: { credential: "ops:describe", field: "token" } });
  const answers = await Promise.all(Array.from({ length: 20 }, () => app.request("/credentials", bearer())));
  assertEquals(answers.map(({ status }) => status), Array(20).fill(200));
  assertEquals(store.asked.length, 1);
});

Deno.test("a route is closed while the store of its token is down", async () => {
  const { mount, store, host } = harness();
  delete host.env.OPS_TOKEN;
  store.answer = unavailable("down");
  const app = mount({ auth: { credential: "ops:describe" } });
  assertEquals((await app.request("/credentials", bearer(""))).status, 401);
  assertEquals((await app.request("/credentials", bearer())).status, 503);
});

Deno.test("describeRoute() throws for a credential, a field or a needed key that the chain does not have", () => {
  const { resolver } = harness();
  const make = (options: unknown) => describeRoute(resolver, options as Options);
  const missing = (field: string, key: string) =>
    `Cannot find the field "${field}" of the credential "${key}": expected a key and a field of the chain in auth`;
  const unknown = 'Cannot find the credential "__proto__": expected keys of the chain in needed';
  assertThrows(() => make({ auth: { credential: "ops:other" } }), TypeError, missing("token", "ops:other"));
  assertThrows(() => make({ auth: { credential: "db:basic" } }), TypeError, missing("token", "db:basic"));
  assertThrows(() => make({ auth: { token: TOKEN }, needed: ["__proto__"] }), TypeError, unknown);
});

Deno.test('the types require auth, and allowUnauthenticated with "none"', () => {
  const { resolver } = harness();
  // @ts-expect-error -- It requires auth.
  assertThrows(() => describeRoute(resolver, {}), TypeError);
  // @ts-expect-error -- "none" requires allowUnauthenticated.
  assertThrows(() => describeRoute(resolver, { auth: "none" }), TypeError);
  // @ts-expect-error -- The chain has no such credential.
  assertThrows(() => describeRoute(resolver, { auth: { credential: "ops:other" } }), TypeError);
  // @ts-expect-error -- The chain has no such credential.
  assertThrows(() => describeRoute(resolver, { auth: { token: TOKEN }, needed: ["db:other"] }), TypeError);
  describeRoute(resolver, { auth: { verify: (c) => c.req.header("X-User") === "root" }, needed: ["db:basic"] });
});
