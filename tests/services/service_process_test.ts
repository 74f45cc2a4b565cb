import { assertEquals, assertRejects } from "@std/assert";
import { startOidcProvider } from "./oidc_provider.ts";
import { startService } from "./service_process.ts";

/** Says whether a process runs; one that has ended and waits to be reaped does not. */
async function runs(pid: number): Promise<boolean> {
  try {
    return !/^State:\s+Z/m.test(await Deno.readTextFile(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

async function ends(pid: number): Promise<boolean> {
  const end = Date.now() + 5_000;
  while (await runs(pid) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  return !await runs(pid);
}

Deno.test("startService() leaves no process behind when it is disposed of", async () => {
  const oidc = await startOidcProvider();
  assertEquals(await runs(oidc.pid), true);
  await oidc[Symbol.asyncDispose]();
  assertEquals(await runs(oidc.pid), false);
  await assertRejects(() => oidc.requests(), Error, "it ended before the call");
});

Deno.test("startService() leaves no process behind when the runner is killed", async () => {
  const module = new URL("./oidc_provider.ts", import.meta.url).href;
  const script = `
    const { startOidcProvider } = await import(${JSON.stringify(module)});
    console.log((await startOidcProvider()).pid);
    setInterval(() => {}, 1_000);
  `;
  const runner = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", script],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = runner.stdout.getReader();
  const { value } = await reader.read();
  const pid = Number(new TextDecoder().decode(value));
  assertEquals(await runs(pid), true);
  runner.kill("SIGKILL");
  await runner.status;
  await reader.cancel();
  assertEquals(await ends(pid), true);
});

Deno.test("startService() says why a service could not start", async () => {
  const script = new URL("data:application/typescript,throw new Error('out of order')");
  await assertRejects(() => startService(script, {}), Error, "out of order");
});
