/**
 * Prints the speed and size of the package beside those of its peers, each as a ratio to its floor in the same process:
 * `deno task bench [ROW…] [--runtime=deno,bun,node-24,node-20] [--quick] [--write]`, or
 * `deno task bench --redraw`.
 *
 * @module
 */
import { installOnce } from "../support/runtimes/install.ts";
import { ceilingOf } from "../support/sizes.ts";
import type { Bar, RuntimeName } from "./bars.ts";
import { bundleSizes, WORDS } from "./bundles.ts";
import { ImportScripts } from "./imports.ts";
import type { Figures } from "./measure.ts";
import { type Options, parseOptions } from "./options.ts";
import { peers } from "./peers.ts";
import type { Result, Results } from "./results.ts";
import { rows } from "./rows.ts";
import { bundleEntry, listRuntimes, type Runtime } from "./runtimes.ts";
import { formatTable } from "./table.ts";
import { drawResults, writeResults } from "./write_results.ts";

const IMPORT_ROUNDS = 31;
const QUICK_IMPORT_ROUNDS = 5;

/** What is measured otherwise than by a contest in one process. */
const others = {
  import: {
    what: "import, CPU time",
    bars: [{ ns: { deno: 12e6 } }, { times: { bun: 1, "node-24": 1, "node-20": 1 }, of: "t3-env + valibot" }],
  },
  bundle: {
    what: "bundle for the edge, gzipped",
    bars: [{ bytes: ceilingOf(".", WORDS.replaceAll(", ", " + "))! }],
  },
} satisfies Record<string, { what: string; bars: readonly Bar[] }>;

/** Measures rows on runtimes, and says on standard error which it is at. */
async function measureAll({ rows: names, runtimes: chosen, quick }: Options): Promise<Results> {
  const modules = await installOnce("bench", peers);
  const installed = await listRuntimes();
  const runtimes = chosen.map((name) => installed[name]);
  using entry = await bundleEntry(modules);
  using scripts = names.includes("import") ? await ImportScripts.write(modules) : undefined;
  const measureRow = async (name: string, at: number): Promise<Result> => {
    const progress = `${at + 1} of ${names.length}: ${name}`;
    if (name === "import") {
      const rounds = quick ? QUICK_IMPORT_ROUNDS : IMPORT_ROUNDS;
      const figures = await onEach(runtimes, progress, (runtime) => scripts!.measure(runtime, rounds));
      return { name, ...others.import, figures };
    }
    if (name === "bundle") {
      console.error(progress);
      return { name, ...others.bundle, figures: { all: await bundleSizes(modules) } };
    }
    const { prepare: _, ...row } = rows[name]!;
    return {
      name,
      ...row,
      figures: await onEach(runtimes, progress, (runtime) => entry.measure(runtime, name, quick)),
    };
  };
  const measured: Result[] = [];
  for (const [at, name] of names.entries()) measured.push(await measureRow(name, at));
  return { rows: measured, runtimes, quick };
}

async function onEach(runtimes: readonly Runtime[], progress: string, measure: (runtime: Runtime) => Promise<Figures>) {
  const figures: Partial<Record<RuntimeName, Figures>> = {};
  for (const runtime of runtimes) {
    console.error(`${progress} on ${runtime.name}`);
    figures[runtime.name] = await measure(runtime);
  }
  return figures;
}

async function bench(args: readonly string[]): Promise<void> {
  const options = parseOptions(args, [...Object.keys(rows), ...Object.keys(others)]);
  if (options.redraw) return await drawResults();
  const results = await measureAll(options);
  console.log(formatTable(results));
  if (options.write) await writeResults(results);
}

if (import.meta.main) {
  try {
    await bench(Deno.args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 1;
  }
}
