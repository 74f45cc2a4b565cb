/**
 * Runs the tests: all but the slow ones, with the examples in the docs, or those that the arguments name.
 *
 * @module
 */
import { openNetwork } from "../closed_network/network.ts";
import { DEFAULT_SUITE, runTests, say } from "./run_tests.ts";

using network = await openNetwork();
const count = await runTests(network, Deno.args.length > 0 ? ["--allow-all", ...Deno.args] : DEFAULT_SUITE);
console.log(say(count));
Deno.exitCode = count.failed > 0 ? 1 : 0;
