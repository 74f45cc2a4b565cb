import { root } from "../closed_network/root.ts";
import { copyLock } from "../servers/lock_copy.ts";

/**
 * Runs an example of `tests/examples` as a user would.
 *
 * @param name The name of its file.
 * @param args Its arguments.
 * @param env Its environment variables, in addition to those of the tests.
 * @returns Its standard output and its standard error.
 */
export async function runExample(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly [printed: string, error: string]> {
  const lock = await copyLock();
  try {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--allow-all", `--lock=${lock}`, `tests/examples/${name}`, ...args],
      cwd: root,
      env: { ...env, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return [decoder.decode(stdout), decoder.decode(stderr)];
  } finally {
    await Deno.remove(lock);
  }
}
