import { hasServer, type ServerName, whatLacks } from "./get/servers.ts";

/** The variable in which the slow suite says why it could not get a server, by the server's name, as JSON. */
export const MISSING_SERVERS = "MISSING_SERVERS";

const SKIPPED = "Did not run";

/**
 * Registers a test that needs servers. If one of them cannot be had on this machine, the test is ignored, and the command
 * that would make it run is printed. If `CI` is set, the test fails instead, so that CI skips none.
 *
 * @param name The name of the test.
 * @param needs The servers.
 * @param fn The test.
 */
export function serverTest(
  name: string,
  needs: readonly ServerName[],
  fn: (t: Deno.TestContext) => Promise<void>,
): void {
  const missing = whyMissing(needs.filter((server) => !hasServer(server)));
  const ignore = missing !== undefined && !Deno.env.get("CI");
  if (ignore) console.log(`${SKIPPED} "${name}": ${missing}`);
  Deno.test({
    name,
    ignore,
    fn: async (t) => {
      if (missing !== undefined) throw new Error(missing);
      await fn(t);
    },
  });
}

/**
 * Finds what tests that were skipped have said.
 *
 * @param output The output of `deno test`.
 * @returns A line for each of them: its name, and what would make it run.
 */
export function skippedTests(output: string): readonly string[] {
  return output.split("\n").filter((line) => line.startsWith(`${SKIPPED} "`));
}

/** Returns why servers that are not there cannot be got either, or `undefined` if that is to be tried. */
function whyMissing(names: readonly ServerName[]): string | undefined {
  const failed: Partial<Record<ServerName, string>> = JSON.parse(Deno.env.get(MISSING_SERVERS) ?? "{}");
  const lack = whatLacks(names.filter((name) => failed[name] === undefined));
  const reasons = [...names.map((name) => failed[name]), lack].filter((reason) => reason !== undefined);
  return reasons.length === 0 ? undefined : reasons.join("; ");
}
