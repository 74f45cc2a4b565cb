import { javaInstalled } from "./maven.ts";

/**
 * Registers a test that needs a server of Maven Central's. Where what brings or runs it is missing the test is reported as
 * ignored, with the command that would let it run; where `CI` is set it runs and fails instead, so that nothing is
 * skipped there.
 *
 * @param name What a user would lose if the test failed.
 * @param fn The test.
 */
export function javaTest(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  const { installed, missing, install } = javaInstalled();
  const ignore = !installed && !Deno.env.get("CI");
  if (ignore) console.error(`Did not run "${name}": no ${missing.join(", no ")}; to install: ${install}`);
  Deno.test({ name, ignore, fn });
}
