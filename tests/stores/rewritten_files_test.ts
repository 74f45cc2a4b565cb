import { rewrittenChecks } from "../support/runtimes/files/rewritten.ts";

for (const [name, check] of Object.entries(rewrittenChecks)) {
  Deno.test(name, async () => {
    await check();
  });
}
