import { LOCK } from "../closed_network/network.ts";

/**
 * Copies the tests' lock file for a Deno that the tests start: its packages are then those that are locked, and
 * what it would add to the lock never reaches the one that is committed.
 *
 * @returns The path of the copy, for `--lock`; whoever asked for it removes it.
 */
export async function copyLock(): Promise<string> {
  const copy = await Deno.makeTempFile({ prefix: "service-", suffix: ".lock" });
  await Deno.copyFile(LOCK, copy);
  return copy;
}
