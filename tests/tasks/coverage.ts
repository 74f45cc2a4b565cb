/**
 * Runs all tests but the slow ones, prints the coverage of each file of the package, and fails if that of the core is
 * below its floor.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Network, openNetwork } from "../support/closed_network/network.ts";
import { root, rootUrl } from "../support/closed_network/root.ts";
import { lineCoverage, readLcov } from "../support/coverage.ts";
import { type Count, formatCount, runDefaultSuite, sum } from "./run_tests.ts";

/** The directory of the profiles, which are kept until the next run for `deno coverage --html coverage`. */
const PROFILES = "coverage";
const SOURCE = new URL("src/", rootUrl);
const CORE = "src/core/";
const FLOOR_PERCENT = 97;

/**
 * Runs all tests but the slow ones, and collects their coverage.
 *
 * @param network How Deno is started here.
 * @returns How many passed and failed.
 */
export async function runCoveredSuite(network: Network): Promise<Count> {
  await Deno.remove(new URL(PROFILES, rootUrl), { recursive: true }).catch(ignoreMissing);
  return runDefaultSuite(network, [`--coverage=${PROFILES}`, "--coverage-raw-data-only"]);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/**
 * Prints the coverage of each file, and that of the core.
 *
 * @returns One failure if the core is below its floor.
 */
export async function reportCoverage(): Promise<Count> {
  removeIncompleteProfiles();
  console.log(await runCoverage());
  const percent = lineCoverage(readLcov(await runCoverage("--lcov")), fileURLToPath(new URL(CORE, rootUrl)));
  const enough = percent !== undefined && percent >= FLOOR_PERCENT;
  const found = percent === undefined ? "no lines covered" : `${percent.toFixed(2)} % of lines covered`;
  console.log(`${CORE}: ${found}, ${enough ? "and" : "but"} at least ${FLOOR_PERCENT} % required`);
  return { passed: 0, failed: enough ? 0 : 1 };
}

/** Removes truncated profiles, which programs leave that a test kills. */
function removeIncompleteProfiles(): void {
  const directory = new URL(`${PROFILES}/`, rootUrl);
  for (const { name } of Deno.readDirSync(directory)) {
    const profile = new URL(name, directory);
    try {
      JSON.parse(Deno.readTextFileSync(profile));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      Deno.removeSync(profile);
    }
  }
}

async function runCoverage(...args: readonly string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["coverage", ...args, `--include=^${SOURCE.href}`, PROFILES],
    cwd: root,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot report the coverage: deno coverage failed");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  using network = await openNetwork();
  const count = sum([await runCoveredSuite(network), await reportCoverage()]);
  console.log(formatCount(count));
  Deno.exitCode = count.failed > 0 ? 1 : 0;
}
