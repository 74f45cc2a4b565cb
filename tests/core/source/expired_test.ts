import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  env,
  type ExpiredPolicy,
  optional,
  required,
  token,
  unavailable,
} from "../../../mod.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { gate, minted } from "../../support/tokens/minted.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SEED = { default: { token: "seed" } };

/** Resolves a token with no store below it, an hour and an outage after it was obtained. */
async function afterExpiry(onExpired: ExpiredPolicy | undefined, lifetime?: unknown) {
  const { clock, server, resolver } = minted({
    store: onExpired ? { onExpired } : {},
    ...lifetime !== undefined && { lifetime },
  });
  await resolver.resolve("b:token");
  server.refusal = unavailable("HTTP 503");
  await clock.advance(25 * HOUR);
  const served = await resolver.resolve("b:token", SEED).catch((error) => error);
  return served.code ?? [served.source, served.degraded, served.get("token")];
}

Deno.test("a token past the expiry that the server gave is served or not, as onExpired says, and never a default instead", async () => {
  const last = ["m2m", true, "token-1"];
  assertEquals(await afterExpiry(undefined), last);
  assertEquals(await afterExpiry("serve"), last);
  assertEquals(await afterExpiry("next"), "unavailable");
  assertEquals(await afterExpiry("stop"), "unavailable");
});

Deno.test("a lifetime that was assumed or cut is no expiry, so the token is served past it whatever onExpired says", async () => {
  for (const onExpired of ["serve", "next", "stop"] as const) {
    for (const lifetime of [null, 7 * 86_400]) {
      assertEquals(await afterExpiry(onExpired, lifetime), ["m2m", true, "token-1"], `${onExpired}, ${lifetime}`);
    }
  }
});

Deno.test('onExpired: "next" passes an expired token over for a lower store, and says otherwise why there is none', async () => {
  const { host, clock, server, resolver } = minted({ store: { onExpired: "next" } });
  await resolver.resolve("a:token");
  await clock.advance(HOUR);
  server.refusal = unavailable("HTTP 503");
  const { code, message } = await rejection(resolver.resolve("a:token"));
  assertEquals([code, message], [
    "unavailable",
    'Cannot resolve "a:token": "m2m" is unavailable: HTTP 503; the held token has expired',
  ]);
  host.env.A_TOKEN = "static";
  resolver.invalidate("a:token");
  const lower = await resolver.resolve("a:token");
  assertEquals([lower.source, lower.degraded], ["env", true]);
});

Deno.test("what a chain says of a store that is not there counts for an expired token too, unless it says what follows one", async () => {
  for (const [onExpired, expected] of [[undefined, "unavailable"], ["serve", "env"], ["next", "env"]] as const) {
    const { host, clock, server, resolver } = minted({
      store: { onUnavailable: "stop", ...onExpired && { onExpired } },
    });
    host.env.A_TOKEN = "static";
    await resolver.resolve("a:token");
    await clock.advance(HOUR);
    server.refusal = unavailable("HTTP 503");
    const got = await resolver.resolve("a:token").catch((error) => error);
    assertEquals(got.code ?? got.source, expected, String(onExpired));
  }
});

Deno.test("of several tokens that have expired, the first one serves that has the whole credential", async () => {
  const down = new Set<string>();
  const storeOf = (name: string, values: Readonly<Record<string, string>>) =>
    scriptedStore({
      shape: token,
      answer: () => down.has(name) ? unavailable("HTTP 503") : { values, expiresIn: 3_600 },
    });
  const from = { fields: { user: "user", port: "port" } };
  const chain = defineChain({
    stores: {
      part: storeOf("part", { port: "7687" }).store({ priority: 2 }),
      whole: storeOf("whole", { user: "app" }).store({ priority: 1 }),
    },
    credentials: { "a:b": { fields: { user: required(), port: optional() }, from: { part: from, whole: from } } },
  });
  const host = testHost();
  const resolver = createResolver(chain, host);
  assertEquals((await rejection(resolver.resolve("a:b"))).code, "incomplete");
  down.add("part");
  await host.clock.advance(HOUR);
  assertEquals((await resolver.resolve("a:b")).source, "whole");
  down.add("whole");
  await host.clock.advance(HOUR);
  const served = await resolver.resolve("a:b");
  assertEquals([served.source, served.degraded, served.get("port")], ["whole", true, undefined]);
});

Deno.test("oauth2 never gives a token that has expired, so that no service answers an outage of its issuer with a 401", async () => {
  let down = false;
  const host = testHost({
    env: { M2M_CLIENT_ID: "id", M2M_CLIENT_SECRET: "not-a-secret" },
    fetch: () =>
      down
        ? Promise.reject(new TypeError("refused"))
        : Promise.resolve(Response.json({ access_token: "token-1", token_type: "Bearer", expires_in: 600 })),
  });
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 200, tokenEndpoint: "https://idp.example/token", client: "m2m:client" }),
      env: env({ priority: 100 }),
    },
    credentials: {
      "m2m:client": { fields: { client_id: required(), client_secret: required() }, from: { env: { prefix: "M2M_" } } },
      "polaris:rest": { fields: { token: required() }, from: { m2m: { fields: { token: "access_token" } } } },
    },
  });
  const resolver = createResolver(chain, host);
  await resolver.resolve("polaris:rest");
  down = true;
  await host.clock.advance(600_000);
  assertEquals((await rejection(resolver.resolve("polaris:rest", SEED))).code, "unavailable");
  down = false;
  await host.clock.advance(15_000);
  assertEquals((await resolver.resolve("polaris:rest")).get("token"), "token-1");
});

Deno.test("while one caller waits whether an outage is over, the others get the degraded credential that is held", async () => {
  const { host, clock, server, resolver } = minted();
  host.env.A_TOKEN = "static";
  server.refusal = unavailable("HTTP 503");
  const lower = await resolver.resolve("a:token");
  assertEquals([lower.source, lower.degraded], ["env", true]);
  await clock.advance(5_000);
  const { opened, open } = gate();
  server.gate = opened;
  const asker = resolver.resolve("a:token");
  for (const other of await Promise.all([resolver.resolve("a:token"), resolver.find("a:token")])) {
    assertStrictEquals(other, lower);
  }
  server.refusal = undefined;
  open();
  assertEquals((await asker).source, "m2m");
  assertEquals((await resolver.resolve("a:token")).source, "m2m");
});

Deno.test("a degraded credential that was invalidated is given to no one, not even while it is asked for", async () => {
  const { host, clock, server, resolver } = minted();
  host.env.A_TOKEN = "static";
  server.refusal = unavailable("HTTP 503");
  await resolver.resolve("a:token");
  await clock.advance(5_000);
  const { opened, open } = gate();
  server.gate = opened;
  server.refusal = undefined;
  resolver.invalidate("a:token");
  const both = [resolver.resolve("a:token"), resolver.resolve("a:token")];
  open();
  assertEquals((await Promise.all(both)).map(({ source }) => source), ["m2m", "m2m"]);
});
