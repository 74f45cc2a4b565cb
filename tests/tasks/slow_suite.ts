/**
 * Runs the slow tests: those of `tests/slow`, which need servers, Debian packages or minutes. All servers are got before
 * the first test.
 *
 * @module
 */
import { openNetwork } from "../support/closed_network/network.ts";
import { getServers } from "../support/servers/get/get_servers.ts";
import { MISSING_SERVERS, skippedTests } from "../support/servers/server_test_case.ts";
import { formatCount, runTests } from "./run_tests.ts";

using network = await openNetwork();
const missing = await getServers((text) => Deno.stdout.writeSync(new TextEncoder().encode(text)));
const hasPath = Deno.args.some((arg) => arg.startsWith("tests/"));
const env = { [MISSING_SERVERS]: JSON.stringify(missing) };
const { output, ...count } = await runTests(
  network,
  "Tests",
  "the slow ones",
  ["--allow-all", ...hasPath ? [] : ["tests/slow/"], ...Deno.args],
  env,
);
for (const line of skippedTests(output)) console.log(line);
console.log(formatCount(count));
Deno.exitCode = count.failed > 0 ? 1 : 0;
