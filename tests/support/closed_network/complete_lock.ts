/**
 * Completes the lock files where JSR cannot be reached, without the stand-ins: `tests/deno.lock` with every npm package
 * that a file of the repository imports, and `deno.lock` with those that the package itself imports.
 * `deno run -A tests/support/closed_network/complete_lock.ts`
 *
 * @module
 */
import { LOCK, openNetwork } from "./network.ts";
import { root, rootUrl } from "./root.ts";
import { withoutJsr } from "./without_jsr.ts";

using network = await openNetwork();
await complete(LOCK, listed("*.ts"));
await complete(new URL("deno.lock", rootUrl), listed("mod.ts", "src/*.ts"));

function listed(...patterns: string[]): string[] {
  const { stdout } = new Deno.Command("git", { args: ["ls-files", ...patterns], cwd: root }).outputSync();
  return new TextDecoder().decode(stdout).trim().split("\n");
}

async function complete(lock: URL, files: readonly string[]): Promise<void> {
  Deno.copyFileSync(lock, network.lock);
  const { success } = await network.command(["cache", ...files]).spawn().status;
  if (!success) Deno.exit(1);
  Deno.writeTextFileSync(lock, withoutJsr(Deno.readTextFileSync(network.lock)));
}
