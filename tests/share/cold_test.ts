import { assertEquals } from "@std/assert";
import { until } from "../support/share/drive.ts";
import { Fleet } from "../support/share/fleet.ts";

Deno.test("many machines that start at once ask the server once", async () => {
  const fleet = new Fleet();
  fleet.add(20);
  const tokens = await until(fleet.clock, Promise.all(fleet.machines.map((machine) => machine.token())));
  assertEquals(new Set(tokens), new Set(["token-1"]));
  assertEquals(fleet.requests.length, 1);
});
