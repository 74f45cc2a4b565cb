import {
  createResolver,
  defineChain,
  denied,
  env,
  type Refusal,
  required,
  token,
  unavailable,
} from "../../../../mod.ts";
import { scriptedStore, testHost } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { show, showError } from "../subject.ts";
import type { Checks } from "../table.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Creates a chain of a token store, whose client is a credential of the chain and whose tokens are valid for an hour. */
function makeTokens(requestBound = false) {
  const host = testHost({ env: { M2M_ID: "id", M2M_SECRET: "not-a-secret", API_TOKEN: "static" }, requestBound });
  const script = scriptedStore({ shape: token, needs: ["client"], later: true });
  const server = { count: 0, refusal: undefined as Refusal | undefined };
  script.answer = async (_, { need }) => {
    const client = await need("client");
    if (server.refusal) return server.refusal;
    return { values: { access_token: `${client.get("secret")}-${++server.count}` }, expiresIn: 3_600 };
  };
  const from = { m2m: { resource: "api", fields: { token: "access_token" } } };
  const chain = defineChain({
    stores: {
      m2m: script.store({ priority: 300, client: "m2m:client" }),
      env: env({ priority: 100, recheck: MINUTE }),
    },
    credentials: {
      "m2m:client": { fields: { id: required(), secret: required() }, from: { env: { prefix: "M2M_" } } },
      "api:token": { fields: { token: required() }, from: { ...from, env: { prefix: "API_" } } },
      "api:alone": { fields: { token: required() }, from },
    },
  });
  return { host, clock: host.clock, server, script, resolver: createResolver(chain, host) };
}

/** Tokens, which expire and are renewed. */
export const tokenChecks: Checks = {
  "credentials with the same request share a token, which is held until its advisory window": async () => {
    const { resolver, script, clock } = makeTokens();
    const [first, other] = await Promise.all([resolver.resolve("api:token"), resolver.resolve("api:alone")]);
    expectEqual([first.get("token"), other.get("token")], ["not-a-secret-1", "not-a-secret-1"]);
    expectEqual(first.expiresAt, Date.UTC(2026, 0, 1, 1));
    await clock.advance(45 * MINUTE - 1);
    expect(await resolver.resolve("api:token") === first, "Expected the same object");
    expectEqual(script.asked.length, 1);
  },

  "in the advisory window one caller awaits the renewal, and the others get the held token": async () => {
    const { resolver, script, clock } = makeTokens();
    const first = await resolver.resolve("api:token");
    await clock.advance(45 * MINUTE);
    const starter = resolver.resolve("api:token");
    const others = await Promise.all(Array.from({ length: 100 }, () => resolver.resolve("api:token")));
    expect(others.every((other) => other === first), "Expected the held token");
    expectEqual((await starter).get("token"), "not-a-secret-2");
    expectEqual(script.asked.length, 2);
  },

  "an expired token is renewed once for a thousand callers, who all wait for it": async () => {
    const { resolver, script, clock } = makeTokens();
    await resolver.resolve("api:token");
    await clock.advance(60 * MINUTE);
    expectEqual(resolver.peek("api:token"), undefined);
    const all = await Promise.all(Array.from({ length: 1_000 }, () => resolver.resolve("api:token")));
    expectEqual([new Set(all).size, all[0]!.get("token"), script.asked.length], [1, "not-a-secret-2", 2]);
  },

  "during an outage the held token is served, then the next store, then an expired token, and never a default":
    async () => {
      const { resolver, server, clock } = makeTokens();
      const first = await resolver.resolve("api:token");
      await resolver.resolve("api:alone");
      server.refusal = unavailable("HTTP 503");
      await clock.advance(50 * MINUTE);
      expect(await resolver.resolve("api:token") === first, "Expected the held token");
      await clock.advance(10 * MINUTE);
      expectEqual(show(await resolver.resolve("api:token")), "env degraded: m2m unavailable, env hit");
      const expired = await resolver.resolve("api:alone", { default: { token: "of the caller" } });
      expectEqual([expired.get("token"), expired.degraded], ["not-a-secret-1", true]);
      server.refusal = undefined;
      await clock.advance(5 * SECOND);
      expectEqual((await resolver.resolve("api:alone")).get("token"), "not-a-secret-2");
    },

  "a denied client is an error at once, even while a valid token is held": async () => {
    const { resolver, server, clock, script } = makeTokens();
    await resolver.resolve("api:token");
    await clock.advance(50 * MINUTE);
    server.refusal = denied("invalid_client");
    for (let times = 0; times < 2; times++) {
      const error = await expectFailure(() => resolver.resolve("api:token"));
      expectEqual(showError(error), "CredentialError denied: m2m denied");
    }
    expectEqual(script.asked.length, 2);
  },

  "a thousand callers that invalidate one token cause one renewal": async () => {
    const { resolver, script } = makeTokens();
    const refused = await resolver.resolve("api:token");
    const renewed = await Promise.all(
      Array.from({ length: 1_000 }, () => {
        resolver.invalidate(refused);
        return resolver.resolve("api:token");
      }),
    );
    expectEqual([new Set(renewed).size, renewed[0]!.get("token"), script.asked.length], [1, "not-a-secret-2", 2]);
  },

  "a rotated client secret is noticed, and leads to a new token": async () => {
    const { resolver, host, clock } = makeTokens();
    await resolver.resolve("api:token");
    host.env.M2M_SECRET = "rotated";
    await clock.advance(MINUTE);
    expectEqual((await resolver.resolve("api:token")).get("token"), "rotated-2");
  },

  "where promises belong to requests, every caller gets the token, and every flight is passed to waitUntil":
    async () => {
      const { resolver, clock } = makeTokens(true);
      const kept: Promise<unknown>[] = [];
      const waitUntil = (promise: Promise<unknown>) => void kept.push(promise);
      const pending = Array.from({ length: 10 }, () => resolver.resolve("api:token", { waitUntil }));
      await clock.advance(100);
      const tokens = await Promise.all(pending);
      expectEqual(new Set(tokens.map((credential) => credential.get("token"))).size, 1);
      expect(kept.length > 0, "Expected a flight to be passed to waitUntil");
      await Promise.all(kept);
    },

  "where promises belong to requests, others take over after two seconds from a request that ended": async () => {
    const { resolver, clock, script } = makeTokens(true);
    const works = script.answer;
    script.answer = () => new Promise(() => {});
    resolver.resolve("api:alone").catch(() => {});
    await clock.advance(100);
    script.answer = works;
    const followers = [resolver.resolve("api:alone"), resolver.resolve("api:alone")];
    await clock.advance(2_100);
    expectEqual((await Promise.all(followers)).map((credential) => credential.get("token")), [
      "not-a-secret-1",
      "not-a-secret-1",
    ]);
    expectEqual(script.asked.length, 2);
  },
};
