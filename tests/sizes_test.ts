import { assertEquals } from "@std/assert";
import { compareSizes, measureSizes, overCeiling, readTable, type Sizes } from "./support/sizes.ts";

let measured: Sizes | undefined;

async function sizes(): Promise<Sizes> {
  return measured ??= await measureSizes();
}

Deno.test("every exported word costs a bundle what tests/sizes.json says, so that a user's bundle never grows unseen", async () => {
  const changes = compareSizes(readTable(), await sizes());
  assertEquals(changes, [], 'If that is meant, renew the table with "deno task sizes --update"');
});

Deno.test("no word costs a bundle more than its ceiling", async () => {
  assertEquals(overCeiling(await sizes()), []);
});
