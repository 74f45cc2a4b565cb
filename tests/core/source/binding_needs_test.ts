import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { createResolver, defineChain, required, type Token, token, unavailable, variables } from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const SECOND = 1_000;
const MINUTE = 60_000;

/** Creates the chain lease ← login ← role, with a server that knows which login each lease is of. */
function leasing({ ttl = 20 * 60, leaseTtl = 3_600 as number | "never" } = {}) {
  const server = { ttl, leaseTtl, role: "role-1", logins: 0, leases: 0, renewals: 0, renewable: true, down: false };
  const host = testHost();
  const roles = scriptedStore({ shape: variables, answers: { role: server.role }, recheck: 1_000 });
  const logins = scriptedStore<"token", "role">({ shape: token, needs: ["role"] });
  logins.answer = async (_, { need, reason, previous }): Promise<Token | ReturnType<typeof unavailable>> => {
    if (server.down) return unavailable("no connection");
    // A renewal takes the token alone: the role is not asked for.
    if (reason === "due" && server.renewable) {
      server.renewals++;
      return { values: previous!.values, expiresIn: server.ttl };
    }
    const role = await need("role");
    return { values: { token: `login ${++server.logins} of ${role.get("role")}` }, expiresIn: server.ttl };
  };
  const leases = scriptedStore<"token", "login">({ shape: token, needs: ["login"], binds: ["login"] });
  leases.answer = async (_, { need, previous, reason }): Promise<Token> => {
    const login = await need("login");
    const kept = reason === "due" ? previous!.values : { user: `lease ${++server.leases}`, of: login.get("token") };
    return { values: kept, ...(server.leaseTtl === "never" ? { expires: "never" } : { expiresIn: server.leaseTtl }) };
  };
  const resolver = createResolver(
    defineChain({
      stores: {
        static: roles.store({ priority: 3 }),
        login: logins.store({ priority: 2, role: "vault:role" }),
        lease: leases.store({ priority: 1, login: "vault:token", onExpired: "next" }),
      },
      credentials: {
        "vault:role": { fields: { role: required() }, from: { static: { prefix: "" } } },
        "vault:token": { fields: { token: required() }, from: { login: true } },
        "pg:app": { fields: { user: required(), of: required() }, from: { lease: true } },
      },
    }),
    host,
  );
  return { server, host, roles, leases, logins, resolver };
}

Deno.test("what binds a need expires with it, however long it would live itself", async () => {
  for (const leaseTtl of [3_600, "never"] as const) {
    const { host, resolver } = leasing({ leaseTtl });
    const { expiresAt } = await resolver.resolve("pg:app");
    assertEquals(expiresAt, host.clock.now() + 20 * MINUTE);
  }
  const { host, resolver } = leasing({ leaseTtl: 60 });
  assertEquals((await resolver.resolve("pg:app")).expiresAt, host.clock.now() + MINUTE);
});

Deno.test("a login that is renewed lengthens what is bound to it, and its lease is not replaced", async () => {
  const { server, host, resolver } = leasing();
  const start = host.clock.now();
  const first = await resolver.resolve("pg:app");
  await host.clock.advance(16 * MINUTE);
  const second = await resolver.resolve("pg:app");
  assertEquals([second.get("user"), second.expiresAt], ["lease 1", start + 36 * MINUTE]);
  assertNotStrictEquals(second, first);
  assertEquals([server.logins, server.renewals, server.leases], [1, 1, 1]);
});

Deno.test("another value of the login asks at once for what is bound to it, although its login was the same", async () => {
  const { server, host, resolver } = leasing();
  await resolver.resolve("pg:app");
  server.renewable = false;
  await host.clock.advance(16 * MINUTE);
  const { get } = await resolver.resolve("pg:app").then((credential) => ({
    get: (name: "of" | "user") => credential.get(name),
  }));
  assertEquals([get("user"), get("of")], ["lease 2", "login 2 of role-1"]);
});

Deno.test("a login that is replaced because it was refused takes what is bound to it with it, in one call", async () => {
  const { server, resolver } = leasing();
  const first = await resolver.resolve("pg:app");
  resolver.invalidate("vault:token");
  const second = await resolver.resolve("pg:app");
  assertEquals([first.get("of"), second.get("of")], ["login 1 of role-1", "login 2 of role-1"]);
  assertStrictEquals(await resolver.resolve("pg:app"), second);
  assertEquals([server.logins, server.leases], [2, 2]);
});

Deno.test("a login that was merely renewed still stands on its role, which it did not ask for again", async () => {
  const { server, host, roles, resolver } = leasing();
  await resolver.resolve("pg:app");
  await host.clock.advance(16 * MINUTE);
  await resolver.resolve("pg:app");
  assertEquals([server.logins, server.renewals], [1, 1]);
  roles.answers.role = "role-2";
  await host.clock.advance(2 * SECOND);
  const rotated = await resolver.resolve("pg:app");
  assertEquals([rotated.get("of"), server.logins], ["login 2 of role-2", 2]);
});

Deno.test("what is bound is never served past the end of its login, where no other can be had", async () => {
  const { server, host, resolver } = leasing();
  await resolver.resolve("pg:app");
  server.down = true;
  await host.clock.advance(19 * MINUTE);
  assert((await resolver.resolve("pg:app")).get("user"));
  await host.clock.advance(2 * MINUTE);
  assertEquals((await rejection(resolver.resolve("pg:app"))).code, "unavailable");
});

Deno.test("what ends with its login before it began, since the clock went back, is asked for once in an outage", async () => {
  const { server, host, leases, resolver } = leasing();
  await resolver.resolve("pg:app");
  host.clock.jump(host.clock.now() - 60 * MINUTE);
  const now = host.clock.now();
  leases.answer = () => unavailable("HTTP 503");
  for (let call = 0; call < 10; call++) {
    const kept = await resolver.resolve("pg:app");
    assertEquals([kept.get("user"), kept.expiresAt], ["lease 1", now + 20 * MINUTE]);
  }
  assertEquals([server.renewals, leases.asked.length], [1, 2]);
  assertEquals(resolver.describe().credentials.at(-1)!.held!.renewsAt, new Date(now + 20 * MINUTE).toISOString());
});

Deno.test("what was refused again and again, and is kept for that, is replaced at once by that of another login", async () => {
  const { host, roles, resolver } = binding();
  for (let refusals = 0; refusals < 5; refusals++) {
    await resolver.resolve("pg:app");
    resolver.invalidate("pg:app");
    await host.clock.advance(MINUTE);
  }
  const refused = await resolver.resolve("pg:app");
  resolver.invalidate("pg:app");
  assertEquals((await resolver.resolve("pg:app")).get("user"), refused.get("user"));
  roles.answers.role = "role-2";
  await host.clock.advance(2 * SECOND);
  assertEquals((await resolver.resolve("pg:app")).get("of"), "role-2");
});

/** Creates a lease that ends with a login which is the same until somebody changes it. */
function binding() {
  const host = testHost();
  const roles = scriptedStore({ shape: variables, answers: { role: "role-1" }, recheck: SECOND });
  let users = 0;
  const leases = scriptedStore<"token", "login">({
    shape: token,
    needs: ["login"],
    binds: ["login"],
    answer: async (_, { need }) => {
      const login = await need("login");
      return { values: { user: `lease ${++users}`, of: login.get("role") }, expiresIn: 3_600 };
    },
  });
  const resolver = createResolver(
    defineChain({
      stores: { static: roles.store({ priority: 2 }), lease: leases.store({ priority: 1, login: "vault:role" }) },
      credentials: {
        "vault:role": { fields: { role: required() }, from: { static: { prefix: "" } } },
        "pg:app": { fields: { user: required(), of: required() }, from: { lease: true } },
      },
    }),
    host,
  );
  return { host, roles, resolver };
}
