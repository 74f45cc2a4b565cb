import { assertEquals } from "@std/assert";
import { createResolver, defineChain, fromEnv, optional, required, token } from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { problems, rejection } from "../../support/fixtures/rejection.ts";

const ANSWER = { values: { access_token: "t", user: "answered", extra: "x" }, expiresIn: 600 };

Deno.test("a mapping sets the request, and which member of the answer each field has", async () => {
  const tokens = scriptedStore({ shape: token, answer: ANSWER });
  const chain = defineChain({
    stores: { own: tokens.store({ priority: 1 }) },
    credentials: {
      "trino:basic": {
        fields: { user: required(), token: optional(), extra: optional() },
        from: {
          own: {
            resource: "urn:trino",
            fields: { token: "access_token" },
            with: { user: fromEnv("TRINO_USER", "runtime") },
          },
        },
      },
      "same:names": { fields: { user: required(), extra: optional() }, from: { own: true } },
    },
  });
  const host = testHost();
  const resolver = createResolver(chain, host);
  const trino = await resolver.resolve("trino:basic");
  assertEquals([trino.get("user"), trino.get("token"), trino.get("extra")], ["runtime", "t", undefined]);
  assertEquals(trino.expiresAt, host.clock.now() + 600_000);
  const same = await resolver.resolve("same:names");
  assertEquals([same.get("user"), same.get("extra")], ["answered", "x"]);
  assertEquals(tokens.asked, [{ resource: "urn:trino" }, {}]);
});

Deno.test("two credentials with equal requests, in whatever order of members, cause one request", async () => {
  const tokens = scriptedStore({ shape: token, answer: ANSWER, later: true });
  const chain = defineChain({
    stores: { own: tokens.store({ priority: 1 }) },
    credentials: {
      "a:token": {
        fields: { t: required() },
        from: { own: { resource: "r", scope: "s", fields: { t: "access_token" } } },
      },
      "b:token": {
        fields: { u: required() },
        from: { own: { scope: "s", resource: "r", fields: { u: "access_token" } } },
      },
    },
  });
  const resolver = createResolver(chain, testHost());
  await Promise.all([resolver.resolve("a:token"), resolver.resolve("b:token")]);
  assertEquals(tokens.asked.length, 1);
});

Deno.test("the error names a missing variable that supplies a field of a token's credential", async () => {
  const tokens = scriptedStore({ shape: token, answer: ANSWER });
  const chain = defineChain({
    stores: { own: tokens.store({ priority: 1 }) },
    credentials: {
      "trino:basic": {
        fields: { user: required() },
        from: { own: { with: { user: fromEnv("TRINO_USER") } } },
      },
    },
  });
  const { code, message } = await rejection(createResolver(chain, testHost()).resolve("trino:basic"));
  assertEquals([code, message], ["invalid", 'Cannot resolve "trino:basic": "own" is invalid: TRINO_USER is not set']);
});

Deno.test("only the answer's own members are read", async () => {
  const tokens = scriptedStore({ shape: token, answer: ANSWER });
  const chain = defineChain({
    stores: { own: tokens.store({ priority: 1 }) },
    credentials: { "a:token": { fields: { t: required() }, from: { own: { fields: { t: "toString" } } } } },
  });
  const { code, trace } = await rejection(createResolver(chain, testHost()).resolve("a:token"));
  assertEquals([code, trace[0]?.detail], [
    "invalid",
    "the answer has none of toString: correct the mapping, or what is asked for",
  ]);
});

Deno.test("an answer of a token store without values is invalid, not a miss", async () => {
  for (const answer of ["text", 7, null, {}, { values: null }, { values: "text", expiresIn: 60 }]) {
    const tokens = scriptedStore({ shape: token, answer: () => answer as never });
    const chain = defineChain({
      stores: { own: tokens.store({ priority: 1 }) },
      credentials: { "a:token": { fields: { t: required() }, from: { own: true } } },
    });
    const { code, trace } = await rejection(createResolver(chain, testHost()).resolve("a:token"));
    assertEquals([code, trace[0]?.detail], ["invalid", "its look-up returned no values: fix the store's code"]);
  }
});

Deno.test("a request that is not plain data is refused, since it could share another request's token", () => {
  const tokens = scriptedStore({ shape: token, answer: ANSWER });
  class Scopes {}
  const notData = [new Set(["read"]), new Map(), new Scopes(), 1n, NaN, () => {}, [[/read/]], { deep: new Date(0) }];
  for (const scopes of notData) {
    const chain = defineChain({
      stores: { own: tokens.store({ priority: 1 }) },
      credentials: { "db:token": { fields: { user: required() }, from: { own: { scopes } } } },
    });
    assertEquals(problems(() => createResolver(chain, testHost())), [
      'credentials["db:token"].from.own.scopes: Expected data that JSON can represent',
    ]);
  }
});
