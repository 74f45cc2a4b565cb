/**
 * Completes `deno.lock` where JSR is out of reach, with every npm package that a file of the repository imports and no
 * stand-in: `deno run -A tests/closed_network/complete_lock.ts`.
 *
 * @module
 */
import { openNetwork } from "./network.ts";
import { root, rootUrl } from "./root.ts";
import { withoutJsr } from "./without_jsr.ts";

const listing = new Deno.Command("git", { args: ["ls-files", "*.ts"], cwd: root });
const files = new TextDecoder().decode((await listing.output()).stdout).trim().split("\n");

using network = await openNetwork();
const { success } = await network.command(["cache", ...files]).spawn().status;
if (success && network.lock !== undefined) {
  Deno.writeTextFileSync(new URL("deno.lock", rootUrl), withoutJsr(Deno.readTextFileSync(network.lock)));
}
Deno.exitCode = success ? 0 : 1;
