import { assert, assertEquals, assertRejects } from "@std/assert";
import { awaited, measure, ONCE, sync } from "./measure.ts";
import { rows } from "./rows.ts";
import { TOKEN, VALUES } from "./values.ts";

for (const [name, { what, prepare }] of Object.entries(rows)) {
  Deno.test(`the benchmark "${what}" runs and returns its figures`, async () => {
    const { floor, subject, ...others } = await measure(await prepare(), ONCE);
    assertEquals(floor!.ratio, 1);
    assert(subject!.time! > 0 && subject!.ratio! > 0);
    assertEquals(Object.keys(others), name === "firstResolve" ? ["cold resolve"] : []);
  });
}
