import { assertEquals, assertRejects } from "@std/assert";
import { startOidcProvider } from "./oidc_provider.ts";
import { ends, killWhenReady, runs } from "./processes.ts";
import { startService } from "./service_process.ts";

Deno.test("startService() leaves no process behind when it is disposed of", async () => {
  const oidc = await startOidcProvider();
  assertEquals(await runs(oidc.pid), true);
  await oidc[Symbol.asyncDispose]();
  assertEquals(await runs(oidc.pid), false);
  await assertRejects(() => oidc.requests(), Error, "it ended before the call");
});

Deno.test("startService() leaves no process behind when the runner is killed", async () => {
  const module = new URL("./oidc_provider.ts", import.meta.url).href;
  const line = await killWhenReady(`
    const { startOidcProvider } = await import(${JSON.stringify(module)});
    console.log((await startOidcProvider()).pid)
  `);
  const pid = Number(line);
  assertEquals(pid > 1, true);
  assertEquals(await ends(pid), true);
});

Deno.test("startService() reports why a service did not start", async () => {
  const script = new URL("data:application/typescript,throw new Error('out of order')");
  await assertRejects(() => startService(script, {}), Error, "out of order");
});
