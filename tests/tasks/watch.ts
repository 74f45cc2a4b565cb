/**
 * Runs the tests again whenever a file changes: all but the slow ones, or those that the arguments name.
 *
 * @module
 */
import { openNetwork } from "../support/closed_network/network.ts";
import { defaultSuite } from "./run_tests.ts";

using network = await openNetwork();
const tests = Deno.args.length > 0 ? Deno.args : defaultSuite;
const { code } = await network.command(["test", "--allow-all", "--watch", ...tests]).spawn().status;
Deno.exitCode = code;
