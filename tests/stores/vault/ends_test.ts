import { assertEquals, assertMatch } from "@std/assert";
import { testClock } from "../../../src/testing/mod.ts";
import { problems, rejection } from "../../support/fixtures/rejection.ts";
import { vaultResolver } from "../../support/fixtures/vault_chain.ts";
import {
  leaseAnswer,
  loginAnswer,
  type StandInAnswer,
  startVaultStandIn,
  wrong,
} from "../../support/stand_ins/vault.ts";

const ROLE = { role_id: "fake-role", secret_id: "fake-secret" };
const LOGIN = "POST auth/approle/login";
const CREDS = "GET database/creds/app";
const REVOKE = "POST sys/leases/revoke";

/** An answer that is given once it is let go of. */
function held(answer: object): { readonly answer: StandInAnswer; readonly asked: Promise<void>; release(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const give = async () => {
    asked.resolve();
    await promise;
    return Response.json(answer);
  };
  return { answer: give, asked: asked.promise, release: resolve };
}

Deno.test("a user that is being made while the resolver is disposed of is revoked before the login that could revoke it", async () => {
  const pending = held((leaseAnswer() as readonly [number, object])[1]);
  await using vault = startVaultStandIn({ [LOGIN]: loginAnswer(), [CREDS]: pending.answer, "*": [204] });
  const resolver = vaultResolver({ url: vault.url, values: ROLE });
  const call = resolver.resolve("pg:app").catch(() => {});
  await pending.asked;
  const closed = resolver[Symbol.asyncDispose]();
  await new Promise((resolve) => setTimeout(resolve, 0));
  pending.release();
  await Promise.all([call, closed]);
  assertEquals(vault.sent.slice(2).map(({ request }) => request), [REVOKE, "POST auth/token/revoke-self"]);
});

Deno.test("a login that is being made while the resolver is disposed of is revoked before that ends", async () => {
  const pending = held({ auth: { client_token: "fake-late", lease_duration: 3_600, renewable: true } });
  await using vault = startVaultStandIn({ [LOGIN]: pending.answer, "*": [204] });
  const resolver = vaultResolver({ url: vault.url, values: ROLE });
  const call = resolver.resolve("vault:token").catch(() => {});
  await pending.asked;
  const closed = resolver[Symbol.asyncDispose]();
  await new Promise((resolve) => setTimeout(resolve, 0));
  pending.release();
  await closed;
  assertEquals(vault.sent.slice(1).map(({ request, token }) => [request, token]), [[
    "POST auth/token/revoke-self",
    "fake-late",
  ]]);
  await call;
});

Deno.test("a lease whose renewal is in progress while the resolver is disposed of is not replaced by one that stays", async () => {
  const renewal = held({ lease_duration: 1 });
  await using vault = startVaultStandIn({
    [LOGIN]: loginAnswer(),
    [CREDS]: leaseAnswer("v-first", { lease_duration: 1_000 }),
    "*": [204],
  });
  const clock = testClock();
  const resolver = vaultResolver({ url: vault.url, values: ROLE }, { clock });
  await resolver.resolve("pg:app");
  await clock.advance(750_000);
  vault.answers = { ...vault.answers, [CREDS]: leaseAnswer("v-second"), "POST sys/leases/renew": renewal.answer };
  const call = resolver.resolve("pg:app").catch(() => {});
  await renewal.asked;
  const closed = resolver[Symbol.asyncDispose]();
  await clock.advance(0);
  renewal.release();
  await Promise.all([call, closed]);
  const ends = vault.sent.slice(3).map(({ request, body }) => request === REVOKE ? body : request);
  assertEquals(ends.at(-1), "POST auth/token/revoke-self");
  assertEquals(ends.includes(CREDS), ends.includes('{"lease_id":"database/creds/app/v-second"}'));
});

Deno.test("a renewal that does not say for how long is followed by another login, and by another lease", async () => {
  for (const odd of [undefined, null, "", "soon", -1, [], false, {}, "1e9999"]) {
    await using vault = startVaultStandIn({
      [LOGIN]: loginAnswer("fake-first", { lease_duration: 100_000 }),
      [CREDS]: leaseAnswer("v-first", { lease_duration: 1_000 }),
      "POST sys/leases/renew": [200, { lease_duration: odd }],
      "POST auth/token/renew-self": [200, { auth: { lease_duration: odd } }],
      "*": [204],
    });
    const clock = testClock();
    await using resolver = vaultResolver({ url: vault.url, values: ROLE }, { clock });
    await resolver.resolve("pg:app");
    vault.answers = { ...vault.answers, [CREDS]: leaseAnswer("v-second"), [LOGIN]: loginAnswer("fake-second") };
    await clock.advance(750_000);
    assertEquals((await resolver.resolve("pg:app")).get("user"), "v-second", String(odd));
    await clock.advance(90_000_000 - 750_000);
    assertEquals((await resolver.resolve("vault:token")).get("token"), "fake-second", String(odd));
  }
});

Deno.test("a login or a lease that does not say for how long it is good is refused, and revoked at once", async () => {
  for (const odd of [undefined, null, "", "soon", -1, [], false, "1e9999"]) {
    await using vault = startVaultStandIn({
      [LOGIN]: loginAnswer("fake-first", { lease_duration: odd }),
      [CREDS]: leaseAnswer("v-first", { lease_duration: odd }),
      "*": [204],
    });
    for (const [key, values] of [["vault:token", ROLE], ["pg:app", { held: "fake-held" }]] as const) {
      await using resolver = vaultResolver({ url: vault.url, values });
      assertMatch(
        (await rejection(resolver.resolve(key))).message,
        /the expiry of the token is not a time/,
        String(odd),
      );
      const last = vault.sent.at(-1)?.request;
      assertEquals(last, key === "pg:app" ? REVOKE : "POST auth/token/revoke-self", String(odd));
    }
  }
});

Deno.test("a user that could not be revoked after the overlap is revoked later", async () => {
  await using vault = startVaultStandIn({
    [CREDS]: leaseAnswer("v-first", { lease_duration: 4_000, renewable: false }),
    "*": [204],
  });
  const clock = testClock();
  await using resolver = vaultResolver({ url: vault.url, values: { held: "fake-held" } }, { clock });
  await resolver.resolve("pg:app");
  vault.answers = {
    [CREDS]: leaseAnswer("v-second", { lease_duration: 4_000, renewable: false }),
    [REVOKE]: wrong(503, "Vault is sealed"),
  };
  await clock.advance(3_200_000);
  await resolver.resolve("pg:app");
  await clock.advance(31_000);
  const revoked = () => vault.sent.filter(({ request }) => request === REVOKE).map(({ body }) => body);
  for (let turn = 0; turn < 400 && revoked().length < 1; turn++) await clock.advance(0);
  assertEquals(revoked().length, 1);
  vault.answers = { ...vault.answers, [REVOKE]: [204] };
  await resolver[Symbol.asyncDispose]();
  assertEquals(
    revoked().slice(1).sort(),
    ["v-first", "v-second"].map((user) => `{"lease_id":"database/creds/app/${user}"}`),
  );
});

Deno.test("an overlap that is no time is refused, since a timer would end users at once", () => {
  for (const overlap of [NaN, -1]) {
    assertEquals(problems(() => vaultResolver({ url: "https://vault.example", dynamic: { overlap } })).slice(-1), [
      "stores.db.overlap: Expected 0 or more milliseconds",
    ]);
  }
});

Deno.test("a user that could not be revoked for an outage is revoked once that is over, and not after its end", async () => {
  const lease = (user: string) => leaseAnswer(user, { lease_duration: 4_000, renewable: false });
  await using vault = startVaultStandIn({ [CREDS]: lease("v-first"), "*": [204] });
  const clock = testClock();
  await using resolver = vaultResolver({ url: vault.url, values: { held: "fake-held" } }, { clock });
  await resolver.resolve("pg:app");
  vault.answers = { [CREDS]: lease("v-second"), [REVOKE]: wrong(503, "Vault is sealed") };
  await clock.advance(3_200_000);
  await resolver.resolve("pg:app");
  const revoked = () => vault.sent.filter(({ request }) => request === REVOKE).length;
  const untilRevoked = async (times: number) => {
    await clock.advance(30_000);
    for (let turn = 0; turn < 400 && revoked() < times; turn++) await clock.advance(0);
    await clock.advance(0);
    return revoked();
  };
  assertEquals([await untilRevoked(1), await untilRevoked(2)], [1, 2]);
  vault.answers = { ...vault.answers, [REVOKE]: [204] };
  assertEquals([await untilRevoked(3), await untilRevoked(3), clock.timers], [3, 3, 0]);
});

Deno.test("thousands of leases that were replaced leave nothing behind, and no timer after the resolver", async () => {
  const calls: string[] = [];
  const fetch: typeof globalThis.fetch = (input) => {
    calls.push(new URL(String(input)).pathname);
    const data = { username: `v-${calls.length}`, password: "fake-password" };
    const lease = { lease_id: data.username, lease_duration: 100, renewable: false, data };
    return Promise.resolve(calls.at(-1)!.endsWith("/creds/app") ? Response.json(lease) : new Response());
  };
  const clock = testClock();
  const resolver = vaultResolver({ url: "https://vault.example", values: { held: "fake-held" } }, { clock, fetch });
  for (let turn = 0; turn < 1_000; turn++) {
    await resolver.resolve("pg:app");
    clock.jump(clock.now() + 101_000);
  }
  assertEquals(clock.timers, 0);
  calls.length = 0;
  await resolver[Symbol.asyncDispose]();
  assertEquals([calls.length, clock.timers], [1, 0]);
});
