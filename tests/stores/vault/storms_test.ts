import { assert, assertEquals } from "@std/assert";
import { fromEnv } from "../../../mod.ts";
import { testClock } from "../../../src/testing/mod.ts";
import { vaultReason, vaultResolver } from "../../support/fixtures/vault_chain.ts";
import {
  FORBIDDEN,
  leaseAnswer,
  loginAnswer,
  type StandInAnswers,
  startVaultStandIn,
  type VaultStandIn,
  wrong,
} from "../../support/stand_ins/vault.ts";

const HELD = { held: "fake-held" };
const ROLE = { role_id: "fake-role", secret_id: "fake-secret" };
const LOGIN = "POST auth/approle/login";
const LOOK_UP = "GET auth/token/lookup-self";

/** How often each request was sent. */
function counted({ sent }: VaultStandIn): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { request } of sent) counts[request] = (counts[request] ?? 0) + 1;
  return counts;
}

Deno.test("8,000 callers at a cold start cause one login, one lease and one reading", async () => {
  await using vault = startVaultStandIn({
    [LOGIN]: loginAnswer(),
    "GET database/creds/app": leaseAnswer(),
    "GET secret/data/app": [200, { data: { data: { user: "app" }, metadata: { version: 1 } } }],
  });
  await using resolver = vaultResolver({ url: vault.url, values: ROLE });
  const keys = ["pg:app", "app:basic", "vault:token", "pg:app"] as const;
  await Promise.all(Array.from({ length: 8_000 }, (_, at) => resolver.resolve(keys[at % 4]!)));
  assertEquals(counted(vault), { [LOGIN]: 1, "GET database/creds/app": 1, "GET secret/data/app": 1 });
});

Deno.test("20,000 refusals of an application's calls in 20 s ask about the login a few times, and log in anew only if it is dead", async () => {
  for (const [answer, logins] of [[[200, { data: { ttl: 3_000, num_uses: 0 } }], 1], [FORBIDDEN.dead, 4]] as const) {
    let made = 0;
    await using vault = startVaultStandIn({
      [LOGIN]: () =>
        Response.json({ auth: { client_token: `fake-${made++}`, lease_duration: 3_600, renewable: true } }),
      [LOOK_UP]: answer,
    });
    const clock = testClock();
    await using resolver = vaultResolver({ url: vault.url, values: ROLE }, { clock });
    const refuse = async () => resolver.invalidate(await resolver.resolve("vault:token"));
    for (let second = 0; second < 20; second++) {
      await Promise.all(Array.from({ length: 1_000 }, refuse));
      await clock.advance(1_000);
    }
    assertEquals(counted(vault), { [LOGIN]: logins, [LOOK_UP]: 3 });
  }
});

Deno.test("a server that knows none of its own tokens is logged in to a few times, and not at every call", async () => {
  await using vault = startVaultStandIn({ [LOGIN]: loginAnswer(), "*": FORBIDDEN.dead });
  const clock = testClock();
  await using resolver = vaultResolver({ url: vault.url, values: ROLE }, { clock, random: () => 0 });
  for (let second = 0; second < 20; second++) {
    for (const key of ["app:basic", "pg:app"] as const) {
      await Promise.allSettled(Array.from({ length: 100 }, () => resolver.resolve(key)));
    }
    await clock.advance(1_000);
  }
  const { [LOGIN]: logins = 0, "GET database/creds/app": leases = 0, "GET secret/data/app": readings = 0 } = counted(
    vault,
  );
  assert(logins <= 5 && leases <= 20 && readings <= 24, `Expected few requests, found ${[logins, leases, readings]}`);
});

Deno.test("a role that a variable gives to a mapping is shown as that variable, since the variables may be mixed up", async () => {
  const role = fromEnv("APP_ROLE") as never;
  const host = { env: { APP_ROLE: "hunter2/.." } };
  const lease = async (given: object, answers: StandInAnswers) => {
    await using vault = startVaultStandIn(answers);
    return await vaultReason({ url: vault.url, values: HELD, role }, "pg:app", {
      env: given as Record<string, string>,
    });
  };
  const role2 = { APP_ROLE: "hunter2" };
  assertEquals([
    await lease(host.env, {}),
    await lease(role2, { "*": wrong(400, "unknown role: hunter2") }),
    await lease(role2, { "*": FORBIDDEN.lacks }),
    await lease(role2, { "*": [200, {}] }),
    await lease(role2, { "*": wrong(404) }),
  ], [
    '"db" is invalid: "$APP_ROLE" is not the name of a role',
    '"db" is invalid: "database" has no role "$APP_ROLE"',
    '"db" is denied: "vault:token" from "memory" lacks the capability "read" on database/creds/$APP_ROLE, or nothing is mounted there',
    '"db" is invalid: database/creds/$APP_ROLE gave no lease: expected a path of dynamic secrets',
    '"db" is invalid: database/creds/$APP_ROLE is not a path of the mount "database": it may be of another kind',
  ]);
  await using vault = startVaultStandIn({ "*": wrong(400, 'role "hunter2" could not be found') });
  const login = { values: { token: "fake-jwt" }, login: { method: "jwt" }, request: { role } } as const;
  assertEquals(
    await vaultReason({ url: vault.url, ...login }, "vault:token", { env: role2 }),
    '"login" is denied: "vault:role" from "memory" was refused (HTTP 400): the mount "jwt" has no role "$APP_ROLE"',
  );
});
