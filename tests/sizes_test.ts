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

/** What each store of a service may add to a bundle that has the core, in bytes after gzip, by entry point. */
const BEYOND_CORE: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "./vault": { vaultLogin: 3_260, vaultKv: 2_850, vaultDynamic: 3_230 },
  "./oauth2": { oauth2: 7_400 },
  "./aws": { secretsManager: 3_072, parameterDocument: 3_072, parameterStore: 3_072 },
  "./exec": { exec: 3_072, credentialProcess: 3_072, execCredential: 3_110 },
  "./identity": { githubActions: 1_050 },
};

/** The same of those that read files, in a bundle that has a store of files. */
const BEYOND_FILES: typeof BEYOND_CORE = {
  "./aws": { awsRuntime: 2_500 },
  "./identity": { tokenFile: 800 },
};

for (const [ceilings, readsFiles] of [[BEYOND_CORE, false], [BEYOND_FILES, true]] as const) {
  const what = readsFiles ? "the core and a store of files" : "the core";
  Deno.test(`a store of a service adds at most its ceiling to a bundle that has ${what}`, async (t) => {
    for (const [entry, names] of Object.entries(ceilings)) {
      for (const [name, bytes] of Object.entries(names)) {
        await t.step(name, async () => assertLessOrEqual(await sizeBeyondCore(entry, name, readsFiles), bytes));
      }
    }
  });
}
