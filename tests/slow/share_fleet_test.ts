import { assertEquals } from "@std/assert";
import { CALLERS, Fleet, MACHINES } from "../support/scenes/fleet.ts";
import { anyToken } from "../support/scenes/together.ts";

Deno.test("the scenes of a fleet count right: without sharing, each machine asks by itself, however many callers it has", async () => {
  await using fleet = await Fleet.start();
  await fleet.begin();
  assertEquals(anyToken(await fleet.resolve(), MACHINES * CALLERS).length, MACHINES);
  assertEquals(await fleet.requests(), MACHINES);
  assertEquals((await fleet.states()).map(({ asked }) => asked), fleet.machines.map(() => 1));
  assertEquals(await fleet.oidc.tokenRequestsByClient(), { [fleet.oidc.clients.basic.clientId]: MACHINES });

  await fleet.mark();
  await fleet.kill(0);
  await fleet.oidc.failNext(1, { status: 503, headers: { "retry-after": "9" } });
  await fleet.open(undefined, [0]);
  const { failures } = await fleet.resolve({ refused: true }, [0]);
  assertEquals(Object.values(failures), [CALLERS]);
  assertEquals(await fleet.requests(), 1);
});
