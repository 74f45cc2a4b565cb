/**
 * Measures how long a runtime takes to import the package and each peer, over an empty script in the same round.
 *
 * @module
 */
import { rootUrl } from "../support/closed_network/root.ts";
import { buildPackage } from "../support/packaging/build_package.ts";
import { compare, type Figures, median } from "./measure.ts";
import type { Runtime } from "./runtimes.ts";

const PACKAGE = "@alphaswarm/credentials";

/** What the script of each peer imports. */
const peers: Readonly<Record<string, string>> = {
  "t3-env, valibot": `import "@t3-oss/env-core"; import "valibot";`,
  unstorage: `import "unstorage";`,
  "AWS credential-providers": `import "@aws-sdk/credential-providers";`,
  "Azure identity": `import "@azure/identity";`,
};

/** The scripts of a run, in the directory of the peers, where each runtime finds them. */
export class ImportScripts {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Writes the scripts and the built package.
   *
   * @param modules The directory in which the peers are installed.
   */
  static async write(modules: string): Promise<ImportScripts> {
    const directory = Deno.makeTempDirSync({ dir: `${modules}/..`, prefix: "import-" });
    const installed = `${directory}/node_modules/${PACKAGE}`;
    Deno.mkdirSync(installed, { recursive: true });
    await buildPackage(installed);
    const source = new URL("mod.ts", rootUrl).href;
    const all = { floor: "", source: `import "${source}";`, built: `import "${PACKAGE}";`, ...peers };
    for (const [name, text] of Object.entries(all)) Deno.writeTextFileSync(`${directory}/${fileOf(name)}`, text);
    return new ImportScripts(directory);
  }

  /**
   * Runs the scripts on a runtime: the source on Deno, and the built package on the others.
   *
   * @returns The time of the processor over that of the empty script, and the time that passed over its.
   */
  async measure(runtime: Runtime, rounds: number): Promise<Figures> {
    const scripts = { floor: "floor", subject: runtime.name === "deno" ? "source" : "built" };
    const names = [...Object.entries(scripts), ...Object.keys(peers).map((name) => [name, name] as const)];
    const samples = new Map(names.map(([name]) => [name, [] as Spent[]]));
    // Hint: one round before the others, which compiles and caches.
    for (let round = -1; round < rounds; round++) {
      for (const [name, script] of names) {
        const spent = await timeProcess([runtime.path, ...runtime.args, `${this.#directory}/${fileOf(script)}`]);
        if (round >= 0) samples.get(name)!.push(spent);
      }
      names.reverse();
    }
    const floor = samples.get("floor")!;
    return Object.fromEntries(
      [...samples].map(([name, each]) => {
        const over = (what: keyof Spent) =>
          median(each.map((one, round) => name === "floor" ? one[what] : Math.max(one[what] - floor[round]![what], 0)));
        const { ratio } = compare(each.map(({ cpu }) => cpu), floor.map(({ cpu }) => cpu));
        return [name, { ratio, time: over("cpu"), wall: over("wall") }];
      }),
    );
  }

  /** Removes the scripts. */
  remove(): void {
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

/** What a process took, in nanoseconds. */
interface Spent {
  readonly cpu: number;
  readonly wall: number;
}

async function timeProcess(command: readonly string[]): Promise<Spent> {
  // Hint: a shell, since Deno does not tell the time of the processor that a child took.
  const { success, stderr } = await new Deno.Command("bash", {
    args: ["-c", `TIMEFORMAT="%3U %3S %3R"; time "$@" 2>&1 >/dev/null`, "bash", ...command],
    env: { LC_ALL: "C", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stderr).trim();
  if (!success) throw new Error(`Cannot run ${command.join(" ")}: ${text}`);
  const [user, system, wall] = text.split("\n").at(-1)!.split(" ").map((seconds) => Number(seconds) * 1e9);
  return { cpu: user! + system!, wall: wall! };
}

function fileOf(name: string): string {
  return `${name.replaceAll(/[^\w]+/g, "_")}.mjs`;
}
