import type { Network } from "../support/closed_network/network.ts";

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
 * @param args The arguments of `deno test`.
 * @param env More variables of the tests' environment.
 * @returns How many tests passed and failed, and what was printed.
 */
export async function runTests(
  network: Network,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<TestRun> {
  const child = network.command(["test", ...args], { stdout: "piped", env }).spawn();
  const [shown, kept] = child.stdout.tee();
  const showing = shown.pipeTo(Deno.stdout.writable, { preventClose: true });
  const [text, { success }] = await Promise.all([new Response(kept).text(), child.status, showing]);
  const { passed, failed } = readSummary(text);
  return { passed, failed: success ? failed : Math.max(failed, 1), output: text };
}

/** The arguments of `deno test` for all tests but the slow ones. */
export const defaultSuite: readonly string[] = ["--ignore=tests/slow", "tests/"];

/**
 * Runs all tests but the slow ones.
 *
 * @param network How Deno is started here.
 * @param options More arguments of `deno test`.
 * @returns How many passed and failed.
 */
export function runDefaultSuite(network: Network, options: readonly string[] = []): Promise<Count> {
  return runTests(network, ["--allow-all", ...options, ...defaultSuite]);
}

/**
 * Runs every example in the package's documentation and Markdown pages.
 *
 * @param network How Deno is started here.
 * @returns How many passed and failed.
 */
export function runExamples(network: Network): Promise<Count> {
  return runTests(network, ["--allow-all", "--doc", "--ignore=tests/,.cache/"]);
}

/**
 * Reads the last summary line that `deno test` printed.
 *
 * @param text All of its output.
 * @returns The counts, both `0` without a summary.
 */
export function readSummary(text: string): Count {
  // deno-lint-ignore no-control-regex -- Deno colours its summary where FORCE_COLOR is set.
  const lines = text.replace(/\x1b\[[\d;]*m/g, "").split("\n");
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
