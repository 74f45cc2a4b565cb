import { assertStringIncludes } from "@std/assert";
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
