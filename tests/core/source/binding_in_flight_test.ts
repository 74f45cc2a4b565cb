import { assertEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  denied,
  memory,
  type Refusal,
  required,
  type Token,
  token,
  unavailable,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const MINUTE = 60_000;
const HOUR = 3_600;

type Ask = NonNullable<Parameters<typeof scriptedStore<"token", "login">>[0]["answer"]>;
type Asked = Extract<Ask, (...all: never[]) => unknown>;

/** Creates two credentials on one lease ← login, each of which a test answers. */
function leasing(lease: Asked, fallback: Readonly<Record<string, string>> = {}) {
  const server = {
    logins: 0,
    login: undefined as string | undefined,
    lifetime: HOUR,
    refusal: undefined as Refusal | undefined,
  };
  const reasons: string[] = [];
  const host = testHost();
  const logins = scriptedStore({
    shape: token,
    answer: () =>
      server.refusal ?? { values: { token: server.login ?? `login ${++server.logins}` }, expiresIn: server.lifetime },
  });
  const leases = scriptedStore<"token", "login">({
    shape: token,
    needs: ["login"],
    binds: ["login"],
    answer: (request, context) => {
      reasons.push(context.reason);
      return lease(request, context);
    },
  });
  const fields = { user: required(), of: required() };
  const resolver = createResolver(
    defineChain({
      stores: {
        login: logins.store({ priority: 3 }),
        seed: memory({ priority: 2, values: fallback }),
        lease: leases.store({ priority: 1, login: "vault:token", onExpired: "next" }),
      },
      credentials: {
        "vault:token": { fields: { token: required() }, from: { login: true, seed: { prefix: "" } } },
        "pg:app": { fields, from: { lease: true } },
        "pg:job": { fields, from: { lease: true } },
        "pg:other": { fields, from: { lease: { resource: "other" } } },
      },
    }),
    host,
  );
  return { server, host, reasons, resolver };
}

/** A lease that asks for its login, except where it is merely renewed. */
function renewing(of: { user: number }, lifetime = 600): Asked {
  return async (_, { need, reason, previous }): Promise<Token> => {
    if (reason === "due") return { values: previous!.values, expiresIn: lifetime };
    const login = await need("login");
    return { values: { user: `user ${++of.user}`, of: login.get("token") }, expiresIn: lifetime };
  };
}

Deno.test("a lease that is being renewed while another login takes over is not served under that", async () => {
  const renewal = Promise.withResolvers<void>();
  const usual = renewing({ user: 0 });
  const { host, reasons, resolver } = leasing(async (request, context) => {
    if (context.reason === "due") await renewal.promise;
    return await usual(request, context);
  });
  await resolver.resolve("pg:app");
  await host.clock.advance(6 * MINUTE);
  const late = resolver.resolve("pg:app");
  await host.clock.advance(0);
  resolver.invalidate("vault:token");
  const next = resolver.resolve("pg:job");
  await host.clock.advance(0);
  renewal.resolve();
  assertEquals([(await late).get("of"), (await next).get("of")], ["login 2", "login 2"]);
  assertEquals(reasons, ["first", "due", "need"]);
});

Deno.test("a lease whose renewal found its login dead is not renewed under the next one: another is asked for", async () => {
  let dead = false;
  const usual = renewing({ user: 0 });
  const { host, reasons, resolver } = leasing(async (request, context) => {
    const login = await context.need("login");
    if (dead && login.get("token") === "login 1") return denied("the login was refused", { need: "login" });
    return await usual(request, context);
  });
  await resolver.resolve("pg:app");
  await host.clock.advance(6 * MINUTE);
  dead = true;
  const second = await resolver.resolve("pg:app");
  assertEquals([second.get("of"), second.get("user")], ["login 2", "user 2"]);
  assertEquals(reasons, ["first", "due", "need"]);
});

Deno.test("a renewal that did not ask for its login may say all the same that it was refused", async () => {
  let dead = false;
  const usual = renewing({ user: 0 });
  const { host, reasons, resolver } = leasing((request, context) =>
    dead && context.reason === "due" ? denied("the login was refused", { need: "login" }) : usual(request, context)
  );
  await resolver.resolve("pg:app");
  await host.clock.advance(6 * MINUTE);
  dead = true;
  const second = await resolver.resolve("pg:app");
  assertEquals([second.get("of"), reasons], ["login 2", ["first", "due", "need"]]);
});

Deno.test("a lease whose renewal was denied is not renewed under a login that took over since", async () => {
  let denying = false;
  const usual = renewing({ user: 0 });
  const { host, reasons, resolver } = leasing((request, context) =>
    denying ? denied("needs a capability") : usual(request, context)
  );
  await resolver.resolve("pg:app");
  await host.clock.advance(6 * MINUTE);
  denying = true;
  await rejection(resolver.resolve("pg:app"));
  denying = false;
  resolver.invalidate("vault:token");
  await host.clock.advance(6_000);
  assertEquals([(await resolver.resolve("pg:app")).get("of"), reasons], ["login 2", ["first", "due", "need"]]);
});

Deno.test("a login that is found to end earlier shortens what is bound to it", async () => {
  const { server, host, resolver } = leasing(renewing({ user: 0 }, HOUR));
  server.login = "login";
  const first = await resolver.resolve("pg:app");
  server.lifetime = 120;
  resolver.invalidate("vault:token");
  const now = host.clock.now();
  const second = await resolver.resolve("pg:app");
  assertEquals([first.expiresAt, second.expiresAt], [now + 60 * MINUTE, now + 2 * MINUTE]);
  assertEquals(second.get("user"), first.get("user"));
  server.refusal = unavailable("no connection");
  await host.clock.advance(3 * MINUTE);
  assertEquals(resolver.peek("pg:app"), undefined);
  assertEquals((await rejection(resolver.resolve("pg:app"))).code, "unavailable");
});

Deno.test("a lease that arrives after its login was refused, and no other was given, is not used", async () => {
  const arrival = Promise.withResolvers<void>();
  const usual = renewing({ user: 0 }, HOUR);
  const { server, host, resolver } = leasing(async (request, context) => {
    const lease = await usual(request, context);
    if (request.resource === "other") return denied("the login was refused", { need: "login" });
    await arrival.promise;
    return lease;
  });
  const late = rejection(resolver.resolve("pg:app"));
  await host.clock.advance(0);
  server.refusal = denied("needs a role");
  assertEquals((await rejection(resolver.resolve("pg:other"))).code, "denied");
  arrival.resolve();
  assertEquals((await late).message.includes("needs a role"), true);
});

Deno.test("a lease that is renewed alone is as degraded as the login that it still stands on", async () => {
  const { server, host, reasons, resolver } = leasing(renewing({ user: 0 }), { token: "seed" });
  server.refusal = unavailable("no connection");
  for (const minutes of [0, 6]) {
    await host.clock.advance(minutes * MINUTE);
    const { degraded } = await resolver.resolve("pg:app");
    assertEquals(degraded, true);
  }
  assertEquals(reasons, ["first", "due"]);
});
