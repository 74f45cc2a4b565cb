import { assertEquals, assertLessOrEqual } from "@std/assert";
import { compareSizes, measureSizes, overCeiling, readSizes, sizeBeyondCore, type Sizes } from "./support/sizes.ts";

let measured: Sizes | undefined;

async function sizes(): Promise<Sizes> {
  return measured ??= await measureSizes();
}

Deno.test("every export adds to a bundle what tests/sizes.json says, so that a user's bundle never grows unnoticed", async () => {
  const changes = compareSizes(readSizes(), await sizes());
  assertEquals(changes, [], 'If that is intended, update the table with "deno task sizes --update"');
});

Deno.test("no export adds more than its ceiling to a bundle", async () => {
  assertEquals(overCeiling(await sizes()), []);
});

Deno.test("a store of a secret manager adds at most its ceiling to a bundle that has the core", async (t) => {
  for (const [name, bytes] of Object.entries({ vaultLogin: 3_250, vaultKv: 2_850, vaultDynamic: 3_200 })) {
    await t.step(name, async () => assertLessOrEqual(await sizeBeyondCore("./vault", name), bytes));
  }
});

Deno.test("a store of programs adds at most 3 KB to a bundle that has the core", async (t) => {
  for (const name of ["exec", "credentialProcess", "execCredential"]) {
    await t.step(name, async () => assertLessOrEqual(await sizeBeyondCore("./exec", name), 3_072));
  }
});
