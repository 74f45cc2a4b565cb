import { INTERPRETED } from "./modes.ts";
import { type Operation, operations } from "./operations.ts";

// Hint: glibc uses what is special of a processor, so that counts would depend on it.
const GLIBC_TUNABLES = `glibc.cpu.hwcaps=${
  ["AVX2_Usable", "AVX_Usable", "AVX2", "AVX", "ERMS", "AVX_Fast_Unaligned_Load"].map((name) => `-${name}`).join()
}`;

/** How to install what counts instructions. */
export const INSTALL_VALGRIND = "apt-get install --no-install-recommends valgrind";

/**
 * Checks whether instructions can be counted here.
 *
 * @returns Whether Valgrind is installed, and the machine is a Linux on x86-64, as that of the kept counts.
 */
export function canCountInstructions(): boolean {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return false;
  try {
    return new Deno.Command("valgrind", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Counts the instructions of every operation with Callgrind, two operations at a time.
 *
 * @param node The path of Node.
 * @param bundle The path of the program, from `bundleOperations`.
 * @returns The instructions of one run, by the operation's name.
 */
export async function countInstructions(
  node: string,
  bundle: string,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = Object.fromEntries(operations.map(({ name }) => [name, NaN]));
  const left = [...operations];
  const countNext = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      counts[next.name] = await countOne(node, bundle, next);
    }
  };
  await Promise.all([countNext(), countNext()]);
  return counts;
}

async function countOne(node: string, bundle: string, { name, mode = INTERPRETED }: Operation): Promise<number> {
  const { flags, warmUp, times } = mode;
  const directory = Deno.makeTempDirSync({ prefix: "counts_" });
  try {
    const { success, stderr } = await new Deno.Command("valgrind", {
      args: [
        "--tool=callgrind",
        `--callgrind-out-file=${directory}/counted`,
        // Hint: the program calls `process.umask` before and after what is counted.
        "--dump-before=node::Umask(*",
        node,
        ...flags,
        ...[bundle, "instructions", name, `${warmUp}`, `${times}`],
      ],
      // Hint: nothing else, since reading a variable takes longer the more there are.
      env: { PATH: Deno.env.get("PATH")!, GLIBC_TUNABLES },
      clearEnv: true,
      stdin: "null",
      stdout: "null",
    }).output();
    if (!success) throw new Error(`Cannot count the instructions of "${name}":\n${new TextDecoder().decode(stderr)}`);
    const [, total] = /^totals: (\d+)$/m.exec(Deno.readTextFileSync(`${directory}/counted.2`))!;
    return Math.round(Number(total) / times);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}
