import { neo4jInstalled } from "./neo4j_installed.ts";

/**
 * Registers a test that needs Neo4j. Where what runs it is missing the test is reported as ignored, with the command that
 * would let it run; where `CI` is set it runs and fails instead, so that nothing is skipped there.
 *
 * @param name What a user would lose if the test failed.
 * @param fn The test.
 */
export function neo4jTest(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  const { installed, missing, install } = neo4jInstalled();
  const ignore = !installed && !Deno.env.get("CI");
  if (ignore) console.error(`Did not run "${name}": ${missing.join(" and ")} missing; to install: ${install}`);
  Deno.test({ name, ignore, fn });
}
