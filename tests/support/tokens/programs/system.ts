// For Deno, Bun and Node: takes the settings as an argument, and prints the outcome as one line of JSON.
import { argv } from "node:process";
import { endToEnd } from "./end_to_end.ts";

console.log(JSON.stringify(await endToEnd(JSON.parse(argv[2]!))));
