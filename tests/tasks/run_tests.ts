import type { Network } from "../support/closed_network/network.ts";
import { announced } from "../support/progress.ts";
import { withoutColour } from "../support/without_colour.ts";
import { prepare } from "./download.ts";

/** How many tests passed, and how many did not. */
export interface Count {
  /** Tests that passed. */
  readonly passed: number;
  /** Tests that failed; 1 for a run that failed without a failed test. */
  readonly failed: number;
}

/** A run of `deno test`. */
export interface TestRun extends Count {
  /** What it printed. */
  readonly output: string;
}

/**
 * Runs `deno test`, passes its output on, and counts the tests.
 *
 * @param network How Deno is started here.
 * @param name The name of the step.
 * @param which Which tests these are, which is printed after the name.
 * @param args The arguments of `deno test`.
 * @param env More variables of the tests' environment.
 * @returns How many tests passed and failed, and what was printed.
 */
export function runTests(
  network: Network,
  name: string,
  which: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<TestRun> {
  return announced(name, which, async (heard) => {
    const child = network.command(["test", ...args], { stdout: "piped", env }).spawn();
    const [shown, kept] = child.stdout.tee();
    const showing = shown.pipeThrough(onEach(heard)).pipeTo(Deno.stdout.writable, { preventClose: true });
    const [text, { success }] = await Promise.all([new Response(kept).text(), child.status, showing]);
    const { passed, failed } = readSummary(text);
    return { passed, failed: success ? failed : Math.max(failed, 1), output: text };
  });
}

function onEach<T>(heard: () => void): TransformStream<T, T> {
  return new TransformStream({
    transform: (chunk, controller) => {
      controller.enqueue(chunk);
      heard();
    },
  });
}

/** The arguments of `deno test` for all tests but the slow ones. */
export const defaultSuite: readonly string[] = ["--ignore=tests/slow", "tests/"];

/** The tests that cannot run while others do in the same process. */
export const ALONE: readonly string[] = [
  // Compares times.
  "tests/core/engine/shared_signal_test.ts",
  "tests/stores/oauth2/real_server_test.ts",
  // Measures the memory of the process.
  "tests/stores/oauth2/faults_test.ts",
  // Changes the working directory of the process.
  "tests/stores/exec/hostile_programs_test.ts",
];

/**
 * Runs all tests but the slow ones, without a check of their types: on every processor those that allow it, then the
 * others. The package and the runtimes that many of them use are obtained first; without them,
 * no test is started, since each file of tests would try to get them again.
 *
 * @param network How Deno is started here.
 * @param options More arguments of `deno test`.
 * @returns How many passed and failed.
 */
export async function runDefaultSuite(network: Network, options: readonly string[] = []): Promise<Count> {
  if (!await prepare(network)) return { passed: 0, failed: 1 };
  const [ignored, directory] = defaultSuite;
  const common = ["--allow-all", "--no-check", ...options];
  const most = [...common, "--parallel", `${ignored},${ALONE.join(",")}`, directory!];
  return sum([
    await runTests(network, "Tests", "most of them, on every processor", most),
    await runTests(network, "Tests", "those that others would disturb", [...common, ...ALONE]),
  ]);
}

/**
 * Runs every example in the package's documentation and Markdown pages.
 *
 * @param network How Deno is started here.
 * @returns How many passed and failed.
 */
export function runExamples(network: Network): Promise<Count> {
  const args = ["--allow-all", "--doc", "--parallel", "--ignore=tests/,.cache/"];
  return runTests(network, "Examples", "checking their types, and running them", args);
}

/**
 * Reads the last summary line that `deno test` printed.
 *
 * @param text All of its output.
 * @returns The counts, both `0` without a summary.
 */
export function readSummary(text: string): Count {
  const lines = withoutColour(text).split("\n");
  const summary = lines.findLast((line) => /^(ok|FAILED) \| /.test(line)) ?? "";
  const [, passed = "0", failed = "0"] = /\| (\d+) passed.*? \| (\d+) failed/.exec(summary) ?? [];
  return { passed: Number(passed), failed: Number(failed) };
}

/**
 * Adds counts up.
 *
 * @param counts The counts.
 * @returns Their sum.
 */
export function sum(counts: readonly Count[]): Count {
  return {
    passed: counts.reduce((total, { passed }) => total + passed, 0),
    failed: counts.reduce((total, { failed }) => total + failed, 0),
  };
}

/**
 * Formats a count, as the last line of every task that runs tests.
 *
 * @param count The count.
 * @returns For example `12 passed, 0 failed`.
 */
export function formatCount({ passed, failed }: Count): string {
  return `${passed} passed, ${failed} failed`;
}
