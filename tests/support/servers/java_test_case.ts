import { javaInstalled } from "./maven.ts";

/**
 * Registers a test that needs a server from Maven Central. If Maven or Java is not installed, the test is ignored and the
 * command that installs them is printed. If `CI` is set, the test runs and fails instead, so that CI skips none.
 *
 * @param name The name of the test.
 * @param fn The test.
 */
export function javaTest(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  const { installed, missing, install } = javaInstalled();
  const ignore = !installed && !Deno.env.get("CI");
  if (ignore) console.error(`Did not run "${name}": missing ${missing.join(", ")}; to install: ${install}`);
  Deno.test({ name, ignore, fn });
}
