/**
 * Measures one row in this process and prints its figures as JSON: `entry.mjs ROW full|quick`.
 *
 * @module
 */
import process from "node:process";
import { FULL, measure, QUICK } from "./measure.ts";
import { load } from "./peers.ts";
import { rows } from "./rows.ts";

const [name, effort] = process.argv.slice(-2);
console.log(JSON.stringify(await measure(await rows[name!]!.prepare(load), effort === "quick" ? QUICK : FULL)));
process.exit();
