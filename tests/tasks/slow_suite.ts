/**
 * Runs the slow tests: those of `tests/slow`, which need Debian packages or minutes.
 *
 * @module
 */
import { openNetwork } from "../support/closed_network/network.ts";
import { formatCount, runTests } from "./run_tests.ts";

using network = await openNetwork();
const count = await runTests(network, ["--allow-all", "tests/slow/", ...Deno.args]);
console.log(formatCount(count));
Deno.exitCode = count.failed > 0 ? 1 : 0;
