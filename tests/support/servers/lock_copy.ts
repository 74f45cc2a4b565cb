import { LOCK } from "../closed_network/network.ts";

/**
 * Copies the lock file of the tests for a Deno process that a test starts, so that the process uses the locked packages
 * without changing the committed file.
 *
 * @returns The path of the copy, for `--lock`. The caller removes it.
 */
export async function copyLock(): Promise<string> {
  const copy = await Deno.makeTempFile({ prefix: "service-", suffix: ".lock" });
  await Deno.copyFile(LOCK, copy);
  return copy;
}
