import { swappedChecks } from "../support/runtimes/files/swapped.ts";

for (const [name, check] of Object.entries(swappedChecks)) {
  Deno.test(name, async () => {
    await check();
  });
}
