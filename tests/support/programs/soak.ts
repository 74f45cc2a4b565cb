/**
 * Runs one hour of a large chain on simulated time, and prints what came of it as JSON. Its argument is a seed. On Deno,
 * with the garbage collector exposed.
 *
 * @module
 */
import { Soak } from "../soak/soak.ts";
import { programArgs } from "./program_args.ts";

const { gc } = globalThis as { gc?: () => void };

const report = await new Soak(Number(programArgs[0])).run(() => {
  gc!();
  return Deno.memoryUsage().heapUsed;
});
console.log(JSON.stringify(report));
