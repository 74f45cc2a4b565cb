/**
 * Runs the table of checks on every runtime: `deno task test:runtimes`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Network, openNetwork } from "../closed_network/network.ts";
import { type Count, formatCount, sum } from "../../tasks/run_tests.ts";
import { bundleChecks, type Bundles } from "./bundle.ts";
import { copySources } from "./copy_sources.ts";
import { installRuntimes, type Node, nodes, versions } from "./install.ts";
import { readReport } from "./report.ts";
import { countSecrets } from "./secrets.ts";
import { writeWorkerdConfig } from "./workerd_config.ts";

const RUNTIME_TIMEOUT_MS = 60_000;
/** An environment variable, or a Worker's binding, that every runtime with an environment has. */
const ENV = { CHECKS_VARIABLE: "from the runtime" };

/** A runtime, and the command that runs the checks on it. */
interface Runtime {
  readonly name: string;
  readonly command: (options: Deno.CommandOptions) => Deno.Command;
}

/**
 * Runs the checks on every runtime, and prints a line for each.
 *
 * @param network How Deno is started here.
 * @returns How many checks passed and failed, on all runtimes together.
 */
export async function runRuntimes(network: Network): Promise<Count> {
  const modules = await installRuntimes();
  const directory = Deno.makeTempDirSync({ prefix: "runtimes_" });
  try {
    const bundles = await bundleChecks(network, modules, directory);
    const counts: Count[] = [];
    for (const runtime of listRuntimes(network, modules, bundles, copySources(directory, modules))) {
      counts.push(await run(runtime));
    }
    return sum(counts);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function listRuntimes(network: Network, modules: string, bundles: Bundles, sources: string): Runtime[] {
  const start = (path: string, args: string[]) => (options: Deno.CommandOptions) =>
    new Deno.Command(path, { ...options, args });
  const node = (name: Node) => `${modules}/${name}/bin/node`;
  const workerd = (flags: string[]) =>
    start(`${modules}/.bin/workerd`, ["test", writeWorkerdConfig(bundles.worker, flags, ENV)]);
  const entry = fileURLToPath(new URL("entries/system.ts", import.meta.url));
  const runtimes: Runtime[] = [
    {
      name: `deno ${Deno.version.deno}`,
      command: (options) => network.command(["run", "--allow-all", "--no-prompt", entry], options),
    },
    {
      name: `bun ${versions.bun}`,
      command: start(`${modules}/.bin/bun`, [
        "run",
        "--no-install",
        `${sources}/tests/support/runtimes/entries/system.ts`,
      ]),
    },
    ...nodes.map((name) => ({ name: `node ${versions[name]}`, command: start(node(name), [bundles.system]) })),
    { name: `workerd ${versions.workerd}`, command: workerd([]) },
    { name: `workerd ${versions.workerd} with nodejs_compat`, command: workerd(["nodejs_compat"]) },
    {
      name: `edge-runtime ${versions["edge-runtime"]}`,
      command: start(node("node-20"), [`${modules}/edge-runtime/dist/cli/index.js`, bundles.edge]),
    },
  ];
  return runtimes.map(({ name, command }) => ({
    name,
    command: (options) => command({ ...options, env: { ...ENV, NODE_PATH: bundles.packages.join(":") } }),
  }));
}

async function run({ name, command }: Runtime): Promise<Count> {
  const signal = AbortSignal.timeout(RUNTIME_TIMEOUT_MS);
  const { stdout, stderr } = await command({ stdin: "null", stdout: "piped", stderr: "piped", signal }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  const report = readReport(output);
  if (report === undefined) {
    console.log(`${name}: ${formatCount({ passed: 0, failed: 1 })}`);
    console.log(indent(`the checks did not run\n${output}`));
    return { passed: 0, failed: 1 };
  }
  const leaks = countSecrets(output, report.concealed);
  const leaked = { name: "no value is printed", error: `Found ${leaks} values in the output` };
  const failures = [...report.failures, ...leaks > 0 ? [leaked] : []];
  const count = { passed: report.passed, failed: failures.length };
  console.log(`${name}: ${formatCount(count)}`);
  for (const failure of failures) console.log(indent(`${failure.name}\n${indent(failure.error)}`));
  return count;
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, "  ");
}

if (import.meta.main) {
  using network = await openNetwork();
  const count = await runRuntimes(network);
  console.log(formatCount(count));
  Deno.exitCode = count.failed > 0 ? 1 : 0;
}
