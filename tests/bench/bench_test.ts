import { assert, assertEquals } from "@std/assert";
import { measure } from "./measure.ts";
import { loadNothing } from "./peers.ts";
import { rows } from "./rows.ts";

for (const [name, { what, prepare }] of Object.entries(rows)) {
  Deno.test(`the benchmark "${what}" runs and returns its figures`, async () => {
    const figures = await measure(await prepare(loadNothing), { rounds: 1, batch: 0, warmup: 0 });
    assertEquals(Object.keys(figures), ["floor", "subject"], name);
    assert(figures.subject!.time > 0 && figures.subject!.ratio > 0);
  });
}
