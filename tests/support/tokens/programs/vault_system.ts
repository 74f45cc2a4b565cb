// For Deno, Bun and Node: takes the variables as an argument, and prints which users it had until the first was replaced.
import { argv } from "node:process";
import { createVaultResolver, usersOf } from "../vault_by_variables.ts";

const resolver = createVaultResolver(JSON.parse(argv[2]!));
const first = await usersOf(resolver);
let last = first;
for (const end = Date.now() + 30_000; last[1] === first[1] && Date.now() < end;) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  last = await usersOf(resolver);
}
await resolver[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]();
console.log(JSON.stringify([first, last]));
