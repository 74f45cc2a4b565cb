import { assert, assertEquals } from "@std/assert";
import * as esbuild from "npm:esbuild@^0.28.2";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { adapters } from "../support/programs/adapters.ts";
import { installRuntimes } from "../support/runtimes/install.ts";
import { FOLLOWED, PATHS, twoOrigins } from "../support/stand_ins/two_origins.ts";

Deno.test("each adapter works on every other runtime, and credentialFetch() sends no secret to another origin on any", async (t) => {
  await using origins = twoOrigins();
  const results = await adapters();
  assertEquals(results.length, 6);
  const modules = await installRuntimes();
  const directory = Deno.makeTempDirSync();
  try {
    const bundle = (name: string, format: "esm" | "iife", run: string) =>
      bundleProgram(`${directory}/${name}`, format, run, origins.url);
    const system = await bundle("system.mjs", "esm", "await print();");
    const worker = await bundle("worker.mjs", "esm", "export default { test: print };");
    const edge = await bundle("edge.js", "iife", "void print();");
    const commands: Record<string, readonly string[]> = {
      bun: [`${modules}/.bin/bun`, "run", "--no-install", system],
      "node 20": [`${modules}/node-20/bin/node`, system],
      "node 26": [`${modules}/node-26/bin/node`, system],
      workerd: [`${modules}/.bin/workerd`, "test", workerdConfig(worker)],
      "edge-runtime": [`${modules}/node-20/bin/node`, `${modules}/edge-runtime/dist/cli/index.js`, edge],
    };
    for (const [name, [path, ...args]] of Object.entries(commands)) {
      await t.step(name, async () => {
        const { stdout, stderr } = await new Deno.Command(path!, { args, stdin: "null" }).output();
        const [output, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
        const line = output!.split("\n").find((line) => line.startsWith("RESULT "));
        assert(line, `${output}${error}`);
        assertEquals(JSON.parse(line.slice("RESULT ".length)), { results, followed: FOLLOWED });
      });
    }
  } finally {
    await esbuild.stop();
    Deno.removeSync(directory, { recursive: true });
  }
});

async function bundleProgram(outfile: string, format: "esm" | "iife", run: string, service: string): Promise<string> {
  const print = `async function print() {
    const followed = await visits(${JSON.stringify(service)}, ${JSON.stringify(PATHS)});
    console.log("RESULT " + JSON.stringify({ results: await adapters(), followed }));
  }`;
  await esbuild.build({
    stdin: {
      contents: `import { adapters } from "./adapters.ts";\nimport { visits } from "./redirects.ts";\n${print}\n${run}`,
      resolveDir: fileURLToPath(new URL("../support/programs/", import.meta.url)),
    },
    outfile,
    format,
    bundle: true,
    platform: "neutral",
    target: "es2022",
    logLevel: "error",
  });
  return outfile;
}

/** Writes the configuration of workerd, which must allow a Worker to reach the loopback address. */
function workerdConfig(bundle: string): string {
  const path = `${bundle}.capnp`;
  Deno.writeTextFileSync(
    path,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "internet", network = (allow = ["private"])),
    (name = "program", worker = (
      modules = [(name = "worker", esModule = embed "${basename(bundle)}")],
      compatibilityDate = "2026-04-01",
    )),
  ],
);
`,
  );
  return path;
}
