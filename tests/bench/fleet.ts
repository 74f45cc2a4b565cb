/**
 * Simulates fleets of isolates, each with a token of its own and with `share`, and prints what they ask the token server
 * and the engine: `deno task bench:fleet [--write]`, or `deno task bench:fleet --redraw`.
 *
 * @module
 */
import { findBroken, simulateAll, SIZES } from "./fleet/results.ts";
import { formatFleetPage } from "./fleet/page.ts";
import { drawFleet, writeFleet } from "./fleet/write.ts";

if (import.meta.main) {
  const [option, ...others] = Deno.args;
  if (others.length > 0 || !["--write", "--redraw", undefined].includes(option)) {
    console.error(`Expected --write or --redraw, found ${Deno.args.join(" ")}`);
    Deno.exitCode = 1;
  } else if (option === "--redraw") await drawFleet();
  else {
    const results = simulateAll(SIZES, (progress) => console.error(progress));
    console.log(formatFleetPage(results));
    if (option === "--write") await writeFleet(results);
    if (findBroken(results).length > 0) Deno.exitCode = 1;
  }
}
