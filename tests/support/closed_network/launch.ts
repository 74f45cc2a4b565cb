/**
 * Runs a Deno command on the open network or on a closed one: `deno run -A tests/support/closed_network/launch.ts test -A`.
 *
 * @module
 */
import { openNetwork } from "./network.ts";

/**
 * Runs Deno in the repository, on this process's own standard streams.
 *
 * @param args The subcommand and its arguments.
 * @returns The exit status.
 */
export async function launch(args: readonly string[]): Promise<number> {
  using network = await openNetwork();
  const { code } = await network.command(args).spawn().status;
  return code;
}

if (import.meta.main) Deno.exitCode = await launch(Deno.args);
