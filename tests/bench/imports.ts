/**
 * Measures how long a runtime takes to import the package and each peer, over an empty script in the same round.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { rootUrl } from "../support/closed_network/root.ts";
import { builtPackage } from "../support/packaging/built_package.ts";
import { type Figures, median, ratio } from "./measure.ts";
import type { Runtime } from "./runtimes.ts";

/** What a shell tells apart. */
const RESOLUTION_NS = 1e6;

/** What the script of each peer imports. */
const peers: Readonly<Record<string, string>> = {
  "t3-env + valibot": `import "@t3-oss/env-core"; import "valibot";`,
  "unstorage overlay": `import "unstorage"; import "unstorage/drivers/overlay";`,
  "AWS credential-providers": `import "@aws-sdk/credential-providers";`,
  "Azure identity": `import "@azure/identity";`,
};

/** The scripts of a run, in the directory of the peers, where each runtime finds them. */
export class ImportScripts implements Disposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Writes the scripts.
   *
   * @param modules The directory in which the peers are installed.
   */
  static async write(modules: string): Promise<ImportScripts> {
    const directory = Deno.makeTempDirSync({ dir: `${modules}/..`, prefix: "import-" });
    const source = `import "${new URL("mod.ts", rootUrl).href}";`;
    const built = `import "${pathToFileURL(await builtPackage()).href}/mod.js";`;
    const all = { floor: "", source, built, ...peers };
    for (const [name, text] of Object.entries(all)) Deno.writeTextFileSync(`${directory}/${fileOf(name)}`, text);
    return new ImportScripts(directory);
  }

  /**
   * Runs the scripts on a runtime: the source on Deno, and the built package on the others.
   *
   * @returns The CPU time over that of the empty script, and the time that passed over its.
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
    return figuresOf(samples);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

/** What a process took, in nanoseconds. */
interface Spent {
  readonly cpu: number;
  readonly wall: number;
}

/** Returns the times over those of the empty script; its own are as they are. */
function figuresOf(samples: ReadonlyMap<string, readonly Spent[]>): Figures {
  const floor = samples.get("floor")!;
  const over = (each: readonly Spent[], what: keyof Spent) =>
    Math.max(median(each.map((one, round) => one[what] - (each === floor ? 0 : floor[round]![what]))), 0);
  const subject = over(samples.get("subject")!, "cpu");
  return Object.fromEntries(
    [...samples].map(([name, each]) => [name, {
      ratio: ratio(each.map(({ cpu }) => cpu), floor.map(({ cpu }) => cpu)),
      time: over(each, "cpu"),
      wall: over(each, "wall"),
      toSubject: Math.max(over(each, "cpu"), RESOLUTION_NS) / Math.max(subject, RESOLUTION_NS),
    }]),
  );
}

async function timeProcess(command: readonly string[]): Promise<Spent> {
  // Hint: a shell, since Deno does not tell the CPU time that a child took.
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `TIMEFORMAT="%3U %3S %3R"; time "$@" 2>&1 >/dev/null`, "bash", ...command],
    env: { LC_ALL: "C", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot run ${command.join(" ")}:\n${new TextDecoder().decode(stdout).trim()}`);
  const text = new TextDecoder().decode(stderr).trim();
  const [user, system, wall] = text.split("\n").at(-1)!.split(" ").map((seconds) => Number(seconds) * 1e9);
  return { cpu: user! + system!, wall: wall! };
}

function fileOf(name: string): string {
  return `${name.replaceAll(/[^\w]+/g, "_")}.mjs`;
}
