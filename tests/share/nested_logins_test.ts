import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import type { StandardSchema } from "../../mod.ts";
import { NestedFleet } from "../support/share/nested_fleet.ts";

const MINUTE = 60_000;

Deno.test("a login that was obtained with the secret before its rotation gives no token to those with the new secret", async () => {
  const fleet = new NestedFleet();
  const [rotated] = [fleet.add()];
  assertStringIncludes(await rotated.token(), " of a ");
  fleet.isLoginAway = true;
  rotated.env.SECRET = "b";
  rotated.resolver.invalidate("fleet:client" as never);
  rotated.resolver.invalidate("fleet:api" as never);
  assertStringIncludes(await rotated.token(), " of a for scope at audience");
  await fleet.clock.advance(50 * MINUTE);
  assertStringIncludes(await rotated.token(), " of a for scope at audience");
  fleet.isLoginAway = false;
  const other = fleet.add({ env: { SECRET: "b" } });
  assertStringIncludes(await other.token(), " of b ");
});

Deno.test("a login that is kept although a variable of its request was set meanwhile gives no token to those with that", async () => {
  const fleet = new NestedFleet();
  fleet.lifetime = 5 * MINUTE;
  const first = fleet.add();
  assertStringIncludes(await first.token(), " for scope ");
  first.env.SCOPE = "other";
  await fleet.clock.advance(6 * MINUTE);
  assertStringIncludes(await first.token(), " of a for scope at audience");
  const other = fleet.add({ env: { SCOPE: "other" } });
  assertStringIncludes(await other.token(), " for other ");
});

Deno.test("a login that is kept although a variable of its mapping was set meanwhile gives no token to those with that", async () => {
  const fleet = new NestedFleet();
  fleet.lifetime = 5 * MINUTE;
  const first = fleet.add();
  assertStringIncludes(await first.token(), " at audience");
  first.env.AUDIENCE = "other";
  await fleet.clock.advance(6 * MINUTE);
  assertStringIncludes(await first.token(), " of a for scope at audience");
  const other = fleet.add({ env: { AUDIENCE: "other" } });
  assertStringIncludes(await other.token(), " at other");
});

for (const sharesLogin of [false, true]) {
  const what = sharesLogin ? "that is shared and was revoked" : "that was revoked on every machine";
  Deno.test(`a login ${what} is replaced in one call, although its refusal is one that counts for a fleet`, async () => {
    const fleet = new NestedFleet();
    fleet.lifetime = 5 * MINUTE;
    const machines = Array.from({ length: 5 }, () => fleet.add({ sharesLogin }));
    for (const machine of machines) await machine.token();
    const revoked = fleet.logins.length;
    fleet.isDead = (jwt) => Number(jwt.split(" ")[1]) <= revoked;
    await fleet.clock.advance(6 * MINUTE);
    const got = await Promise.all(machines.map((machine) => machine.token()));
    assertEquals(new Set(got).size, 1);
    assertStringIncludes(got[0]!, `token ${fleet.exchanges.length} by login`);
    assertEquals(fleet.logins.length, revoked + 1);
  });
}

Deno.test("a login that the server refuses to a fleet for good is tried once by each machine, and then by one for all", async () => {
  const fleet = new NestedFleet();
  const machines = Array.from({ length: 8 }, () => fleet.add());
  fleet.isDead = () => true;
  assertEquals(new Set(await Promise.all(machines.map((machine) => machine.token()))), new Set(["denied"]));
  const [before, logins] = [fleet.exchanges.length, fleet.logins.length];
  for (let seconds = 0; seconds < 600; seconds += 5) {
    await Promise.all(machines.map((machine) => machine.token()));
    await fleet.clock.advance(5_000);
  }
  assertLess(before, 2 * machines.length + 1);
  assertLess(fleet.exchanges.length - before, 60);
  assertLess(fleet.logins.length - logins, 3 * machines.length);
});

Deno.test("machines that make another login of what the same server gives share no token", async () => {
  const fleet = new NestedFleet();
  const schema = (part: string): StandardSchema => ({
    "~standard": { version: 1, vendor: "test", validate: (jwt) => ({ value: `${part} part of ${jwt}` }) },
  });
  const [user, admin] = [fleet.add({ schema: schema("user") }), fleet.add({ schema: schema("admin") })];
  assertStringIncludes(await user.token(), " by user part ");
  assertStringIncludes(await admin.token(), " by admin part ");
});

Deno.test("a login that is replaced again and again while it is obtained gives no name to those with another secret", async () => {
  for (let rounds = 1; rounds <= 5; rounds++) {
    const fleet = new NestedFleet();
    fleet.loginDelay = 100;
    const names: Set<string>[] = [];
    for (const secret of ["a", "b"]) {
      const from = fleet.register.calls.length;
      const machine = fleet.add({ env: { SECRET: `${secret}0` } });
      const token = machine.token();
      for (let round = 1; round <= rounds; round++) {
        await fleet.clock.advance(50);
        machine.env.SECRET = `${secret}${round}`;
        machine.resolver.invalidate("fleet:client" as never);
        machine.resolver.invalidate("fleet:login" as never);
      }
      assertStringIncludes(await token, ` of ${secret}${rounds} `);
      names.push(new Set(fleet.register.calls.slice(from).map(({ name }) => name)));
    }
    assertEquals([...names[0]!].filter((name) => names[1]!.has(name)), []);
  }
});
