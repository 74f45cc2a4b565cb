import { rootUrl } from "../support/closed_network/root.ts";
import { median } from "./measure.ts";

const ROUNDS = 15;

/** What a script imports, and nothing else; the first is the floor. */
const sources: Readonly<Record<string, string>> = {
  floor: "",
  subject: `import ${JSON.stringify(new URL("mod.ts", rootUrl).href)};`,
  "t3-env with valibot": `import "@t3-oss/env-core"; import "valibot";`,
  "AWS credential-providers": `import "@aws-sdk/credential-providers";`,
  "Azure identity": `import "@azure/identity";`,
};

/**
 * Starts Deno on a script that imports one thing, in turn with one that is empty.
 *
 * @param modules Where the peers are installed.
 * @returns The medians by name, in milliseconds over the empty script.
 */
export async function importTimes(modules: string): Promise<Readonly<Record<string, number>>> {
  const directory = Deno.makeTempDirSync({ dir: `${modules}/..`, prefix: "import-" });
  try {
    const taken: Record<string, number[]> = {};
    for (let round = -1; round < ROUNDS; round++) {
      for (const [name, source] of Object.entries(sources)) {
        const path = `${directory}/${name.replaceAll(" ", "_")}.mjs`;
        if (round < 0) Deno.writeTextFileSync(path, source);
        const ms = await start(path);
        if (round >= 0) (taken[name] ??= []).push(ms);
      }
    }
    const over = (times: readonly number[]) => median(times.map((ms, round) => ms - taken.floor![round]!));
    return Object.fromEntries(
      Object.entries(taken).filter(([name]) => name !== "floor").map(([name, times]) => [
        name,
        over(times),
      ]),
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

async function start(path: string): Promise<number> {
  const args = ["run", "--allow-all", "--no-config", "--no-lock", "--node-modules-dir=manual", path];
  const command = new Deno.Command(Deno.execPath(), { args, env: { DENO_NO_UPDATE_CHECK: "1" }, stdin: "null" });
  const began = performance.now();
  const { success, stderr } = await command.output();
  const ms = performance.now() - began;
  if (!success) throw new Error(`Cannot import: ${new TextDecoder().decode(stderr)}`);
  return ms;
}
