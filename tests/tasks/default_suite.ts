/**
 * Runs the tests: all but the slow ones and the examples in the documentation, or those that the arguments name.
 *
 * @module
 */
import { openNetwork } from "../support/closed_network/network.ts";
import { formatCount, runDefaultSuite, runExamples, runTests, sum } from "./run_tests.ts";

using network = await openNetwork();
const count = Deno.args.length > 0
  ? await runTests(network, ["--allow-all", ...Deno.args])
  : sum([await runDefaultSuite(network), await runExamples(network)]);
console.log(formatCount(count));
Deno.exitCode = count.failed > 0 ? 1 : 0;
