/**
 * Prints the speed and size of the package and of its peers, each as a ratio to its floor in the same run:
 * `deno task bench`, or `deno task bench ROW…` for some rows only.
 *
 * @module
 */
import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
import { installOnce, installRuntimes, versions } from "../support/runtimes/install.ts";
import { bundleSizes } from "./bundle_size.ts";
import { importTimes } from "./import_time.ts";
import type { Figure } from "./measure.ts";
import { peers } from "./peers.ts";
import { rows, type TimedRow } from "./rows.ts";
import { cell, line } from "./table.ts";

type Figures = Readonly<Record<string, Figure>>;

/** A runtime on which rows are measured, and its command. */
interface Runtime {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
}

async function bundleRows(modules: string): Promise<string> {
  // Hint: the file is in the directory of the peers, so that each runtime finds them.
  const outfile = `${modules}/../entry-${crypto.randomUUID()}.mjs`;
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL("entry.ts", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    external: ["node:*"],
    target: "es2022",
    logLevel: "error",
  });
  await esbuild.stop();
  return outfile;
}

function listRuntimes(modules: string): readonly Runtime[] {
  const deno = ["run", "--allow-all", "--no-config", "--no-lock", "--node-modules-dir=manual"];
  return [
    { name: `deno ${Deno.version.deno}`, path: Deno.execPath(), args: deno },
    { name: `bun ${versions.bun}`, path: `${modules}/.bin/bun`, args: ["run", "--no-install"] },
    { name: `node ${versions["node-20"]}`, path: `${modules}/node-20/bin/node`, args: [] },
  ];
}

async function measureOn({ name, path, args }: Runtime, entry: string, row: string): Promise<Figures | undefined> {
  const { success, stdout, stderr } = await new Deno.Command(path, { args: [...args, entry, row], stdin: "null" })
    .output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  console.error(`Cannot run "${row}" on ${name}\n${new TextDecoder().decode(stderr)}`);
}

async function printRow({ what, bar }: TimedRow, row: string, runtimes: readonly Runtime[], entry: string) {
  const figures: (Figures | undefined)[] = [];
  for (const runtime of runtimes) figures.push(await measureOn(runtime, entry, row));
  const names = new Set(figures.flatMap((each) => Object.keys(each ?? {})));
  console.log(line(what, bar, figures.map((each) => cell(each?.subject))));
  for (const name of names) {
    if (name !== "subject") console.log(line(`  ${name}`, "", figures.map((each) => cell(each?.[name]))));
  }
}

function printOnce(what: string, bar: string, { subject, ...others }: Readonly<Record<string, number>>, unit: string) {
  console.log(line(what, bar, [`${subject!.toFixed(1)} ${unit}`]));
  for (const [name, value] of Object.entries(others)) {
    console.log(line(`  ${name}`, "", [`${value.toFixed(1)} ${unit}`]));
  }
}

async function bench(selected: readonly string[]): Promise<void> {
  const modules = await installOnce("bench", peers);
  const runtimes = listRuntimes(await installRuntimes());
  const entry = await bundleRows(modules);
  const names = selected.length > 0 ? selected : [...Object.keys(rows), "bundle", "import"];
  try {
    console.log(line("ratio to the floor (time a call)", "bar", runtimes.map(({ name }) => name)));
    for (const name of names) if (name in rows) await printRow(rows[name]!, name, runtimes, entry);
    if (names.includes("bundle")) {
      const sizes = Object.entries(await bundleSizes(modules)).map(([name, bytes]) => [name, bytes / 1024]);
      printOnce("bundle for the edge, gzipped", "4.5 KB", Object.fromEntries(sizes), "KB");
    }
    if (names.includes("import")) printOnce("import on Deno", "4 ms", await importTimes(modules), "ms");
  } finally {
    Deno.removeSync(entry);
  }
}

if (import.meta.main) await bench(Deno.args);
