// Deno, Bun and Node: the settings come on the command line, and the outcome is one line of JSON.
import { argv } from "node:process";
import { endToEnd } from "./end_to_end.ts";

console.log(JSON.stringify(await endToEnd(JSON.parse(argv[2]!))));
