/**
 * Measures one row in this process and prints its figures as JSON: `entry.mjs ROW`.
 *
 * @module
 */
import process from "node:process";
import { measure } from "./measure.ts";
import { load } from "./peers.ts";
import { rows } from "./rows.ts";

const row = rows[process.argv.at(-1)!];
if (!row) throw new Error(`Cannot find the row "${process.argv.at(-1)}": the rows are ${Object.keys(rows).join(", ")}`);
console.log(JSON.stringify(await measure(await row.prepare(load))));
process.exit();
