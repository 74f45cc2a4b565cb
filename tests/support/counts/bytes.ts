import { INTERPRETED } from "./modes.ts";
import { type Operation, operations } from "./operations.ts";

/** A program that runs JavaScript on V8. */
export interface Runner {
  /** Its path. */
  readonly path: string;
  /** Returns its arguments before the program's, for flags of V8. */
  readonly args: (flags: readonly string[]) => readonly string[];
}

/** Returns how Node at a path is run. */
export function nodeRunner(path: string): Runner {
  return { path, args: (flags) => flags };
}

/** The Deno that runs this. */
export const denoRunner: Runner = {
  path: Deno.execPath(),
  args: (flags) => ["run", "--quiet", "--allow-all", "--no-config", "--no-lock", `--v8-flags=${flags.join()}`],
};

/**
 * Counts the bytes that every operation allocates on the heap.
 *
 * @param runner What runs it.
 * @param bundle The path of the program, from `bundleOperations`.
 * @returns The bytes of one run, by the operation's name.
 */
export async function countBytes(runner: Runner, bundle: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const operation of operations) counts[operation.name] = await countOne(runner, bundle, operation);
  return counts;
}

async function countOne(
  { path, args }: Runner,
  bundle: string,
  { name, mode = INTERPRETED }: Operation,
): Promise<number> {
  const { flags, warmUp, times } = mode;
  const { success, stdout, stderr } = await new Deno.Command(path, {
    args: [...args(flags), bundle, "bytes", name, `${warmUp}`, `${times}`],
    env: { ...kept(), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot count the bytes of "${name}":\n${decoder.decode(stderr)}`);
  return Number(decoder.decode(stdout));
}

// Hint: no more of the environment, since the gate's coverage keeps code from being compiled.
function kept(): Record<string, string> {
  const variables = ["DENO_DIR", "HOME", "PATH"].map((name) => [name, Deno.env.get(name)]);
  return Object.fromEntries(variables.filter(([, value]) => value !== undefined));
}
