/**
 * The whole gate: `deno task ok`. Every stage runs, even if an earlier one fails.
 *
 * @module
 */
import { type Network, openNetwork } from "../support/closed_network/network.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { runRuntimes } from "../support/runtimes/run.ts";
import { reportCoverage, runCoveredSuite } from "./coverage.ts";
import { type Count, formatCount, runExamples, sum } from "./run_tests.ts";

/** One stage of the gate. */
interface Stage {
  readonly name: string;
  readonly run: (network: Network) => Promise<Count>;
}

const stages: readonly Stage[] = [
  { name: "format", run: (network) => succeed(network, ["fmt", "--check"]) },
  { name: "lint", run: (network) => succeed(network, ["lint"]) },
  { name: "types", run: (network) => succeed(network, ["check", "."]) },
  { name: "doc lint", run: (network) => succeed(network, ["doc", "--lint", ...entryPoints()]) },
  { name: "publish dry run", run: (network) => succeed(network, ["publish", "--dry-run", "--allow-dirty"]) },
  { name: "tests", run: runCoveredSuite },
  { name: "coverage", run: reportCoverage },
  { name: "examples", run: runExamples },
  { name: "runtimes", run: runRuntimes },
];

/** Runs a command without tests, and counts its failure as one, so that a failed gate never prints "0 failed". */
async function succeed(network: Network, args: readonly string[]): Promise<Count> {
  const stdout = args[0] === "doc" ? "null" : "inherit";
  const { success } = await network.command(args, { stdout }).spawn().status;
  return { passed: 0, failed: success ? 0 : 1 };
}

function entryPoints(): string[] {
  const { exports } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", rootUrl)));
  return Object.values(exports);
}

async function runStage({ name, run }: Stage, network: Network): Promise<{ readonly line: string; count: Count }> {
  console.log(`\n── ${name}`);
  const start = performance.now();
  const count = await run(network).catch((error: unknown) => {
    console.error(error);
    return { passed: 0, failed: 1 };
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  return { line: `${count.failed > 0 ? "FAILED" : "ok    "} ${seconds} s  ${name}`, count };
}

using network = await openNetwork();
console.log(`JSR: ${network.jsr}`);
const results = [];
for (const stage of stages) results.push(await runStage(stage, network));
const total = sum(results.map(({ count }) => count));
console.log(`\n${results.map(({ line }) => line).join("\n")}\n\n${formatCount(total)}`);
Deno.exitCode = total.failed > 0 ? 1 : 0;
