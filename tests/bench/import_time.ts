import { rootUrl } from "../support/closed_network/root.ts";
import { median } from "./measure.ts";

const ROUNDS = 15;

/** What each script imports; the floor is an empty script. */
const sources: Readonly<Record<string, string>> = {
  floor: "",
  subject: `import ${JSON.stringify(new URL("mod.ts", rootUrl).href)};`,
  "t3-env with valibot": `import "@t3-oss/env-core"; import "valibot";`,
  "AWS credential-providers": `import "@aws-sdk/credential-providers";`,
  "Azure identity": `import "@azure/identity";`,
};

/**
 * Measures how long Deno takes to import the package and each peer, compared with an empty script in the same round.
 *
 * @param modules The directory in which the peers are installed.
 * @returns The medians in milliseconds by name, without the time of the empty script.
 */
export async function importTimes(modules: string): Promise<Readonly<Record<string, number>>> {
  const directory = Deno.makeTempDirSync({ dir: `${modules}/..`, prefix: "import-" });
  try {
    const times: Record<string, number[]> = {};
    for (let round = -1; round < ROUNDS; round++) {
      for (const [name, source] of Object.entries(sources)) {
        const path = `${directory}/${name.replaceAll(" ", "_")}.mjs`;
        if (round < 0) Deno.writeTextFileSync(path, source);
        const ms = await timeImport(path);
        if (round >= 0) (times[name] ??= []).push(ms);
      }
    }
    const overFloor = (each: readonly number[]) => median(each.map((ms, round) => ms - times.floor![round]!));
    return Object.fromEntries(
      Object.entries(times).filter(([name]) => name !== "floor").map(([name, each]) => [name, overFloor(each)]),
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

async function timeImport(path: string): Promise<number> {
  const args = ["run", "--allow-all", "--no-config", "--no-lock", "--node-modules-dir=manual", path];
  const command = new Deno.Command(Deno.execPath(), { args, env: { DENO_NO_UPDATE_CHECK: "1" }, stdin: "null" });
  const start = performance.now();
  const { success, stderr } = await command.output();
  const ms = performance.now() - start;
  if (!success) throw new Error(`Cannot import: ${new TextDecoder().decode(stderr)}`);
  return ms;
}
