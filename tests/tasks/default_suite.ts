/**
 * Checks the types, and runs the tests: all but the slow ones and the examples in the documentation, or those that the
 * arguments name.
 *
 * @module
 */
import { type Network, openNetwork } from "../support/closed_network/network.ts";
import { announced } from "../support/progress.ts";
import { download } from "./download.ts";
import { type Count, formatCount, runDefaultSuite, runExamples, runTests, sum } from "./run_tests.ts";

const JSR: Readonly<Record<Network["jsr"], string>> = {
  reached: "Network: JSR is reached",
  "stand-ins": "Network: JSR is not reached, and stand-ins are used for its two packages",
  named: "Network: the JSR that JSR_URL names is used",
};

async function checkTypes(network: Network): Promise<Count> {
  const { success } = await announced(
    "Types",
    "checking them",
    () => network.command(["check", "--quiet", "."]).spawn().status,
  );
  return { passed: 0, failed: success ? 0 : 1 };
}

async function runAll(network: Network): Promise<Count> {
  if (!await download(network)) return { passed: 0, failed: 1 };
  return sum([await checkTypes(network), await runDefaultSuite(network), await runExamples(network)]);
}

using network = await announced("Network", "asking JSR for a package", openNetwork);
console.log(JSR[network.jsr]);
const count = Deno.args.length > 0
  ? await runTests(network, "Tests", "those of the arguments", ["--allow-all", ...Deno.args])
  : await runAll(network);
console.log(formatCount(count));
Deno.exitCode = count.failed > 0 ? 1 : 0;
