/**
 * Runs the tests where JSR cannot be reached, with stand-ins for the two packages from JSR that the project uses, in
 * the static layout of JSR.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { root } from "./root.ts";
import { withoutJsr } from "./without_jsr.ts";

const PROBE_TIMEOUT_MS = 5_000;
/** Separate from `deno.lock`, so that users of the commands do not download what only the tests need. */
export const LOCK = new URL("../../deno.lock", import.meta.url);
const STAND_INS = new URL("jsr/", import.meta.url);
const WITHOUT_LOCK = new Set(["fmt", "lint"]);

/** How to start Deno on this network. */
export interface Network extends Disposable {
  /** Whether JSR is used, its stand-ins, or a registry that `JSR_URL` already names. */
  readonly jsr: "reached" | "stand-ins" | "named";
  /** The lock in use: the tests' own, or a copy of it. */
  readonly lock: string;
  /**
   * Prepares a Deno command that runs in the repository.
   *
   * @param args The subcommand and its arguments.
   * @param options More options of the command.
   * @returns The command, not yet started.
   */
  command(args: readonly string[], options?: Deno.CommandOptions): Deno.Command;
}

/**
 * Requests the packages from JSR once, from the cache or the network, and uses the stand-ins if that fails. A registry
 * that `JSR_URL` already names, as in a test that starts the tests, is kept.
 *
 * @returns How to start Deno here. Disposing of it removes its temporary files.
 */
export async function openNetwork(): Promise<Network> {
  const named = Deno.env.has("JSR_URL");
  if (!named && await reachesJsr()) return reachedNetwork();
  return closedNetwork(named ? "named" : "stand-ins");
}

function reachedNetwork(): Network {
  const lock = fileURLToPath(LOCK);
  return {
    jsr: "reached",
    lock,
    command: (args, options) => deno(locked(args, lock), {}, options),
    [Symbol.dispose]: () => {},
  };
}

function locked([subcommand = "", ...rest]: readonly string[], lock: string): readonly string[] {
  return WITHOUT_LOCK.has(subcommand) ? [subcommand, ...rest] : [subcommand, `--lock=${lock}`, ...rest];
}

function closedNetwork(jsr: "named" | "stand-ins"): Network {
  const directory = Deno.makeTempDirSync({ prefix: "closed_network_" });
  // The hash of a stand-in must never get into the committed lock file, or be compared with that of the real package.
  const lock = `${directory}/deno.lock`;
  Deno.writeTextFileSync(lock, withoutJsr(Deno.readTextFileSync(LOCK)));
  // Publishing refuses imports of files in the package's folder that the package does not include.
  const outside = `${directory}/jsr`;
  Deno.symlinkSync(fileURLToPath(STAND_INS), outside);
  return {
    jsr,
    lock,
    command(args, options) {
      const registry = args[0] === "publish" ? `file://${outside}/` : STAND_INS.href;
      return deno(locked(args, lock), jsr === "named" ? {} : { JSR_URL: registry }, options);
    },
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

function deno(args: readonly string[], env: Record<string, string>, options: Deno.CommandOptions = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    cwd: root,
    ...options,
    args: [...args],
    env: { DENO_NO_UPDATE_CHECK: "1", ...env, ...options.env },
  });
}

async function reachesJsr(): Promise<boolean> {
  const command = deno(["cache", "--no-lock", "@std/assert", "@std/dotenv/parse"], {}, {
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  });
  return (await command.output()).success;
}
