/**
 * Runs the tests: all but the slow ones, or those that the arguments name.
 *
 * @module
 */
import { openNetwork } from "../closed_network/network.ts";
import { runTests, say } from "./run_tests.ts";

using network = await openNetwork();
const chosen = Deno.args.length > 0 ? Deno.args : ["--ignore=tests/slow"];
const count = await runTests(network, ["--allow-all", ...chosen]);
console.log(say(count));
Deno.exitCode = count.failed > 0 ? 1 : 0;
