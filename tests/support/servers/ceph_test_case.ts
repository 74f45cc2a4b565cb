import { cephInstalled } from "./ceph_installed.ts";

/**
 * Registers a test that needs Ceph. Where Ceph is missing the test is reported as ignored, with the command that would
 * let it run; where `CI` is set it runs and fails instead, so that nothing is skipped there.
 *
 * @param name What a user would lose if the test failed.
 * @param fn The test.
 */
export function cephTest(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  const { installed, missing, install } = cephInstalled();
  const ignore = !installed && !Deno.env.get("CI");
  if (ignore) {
    console.error(`Did not run "${name}": Ceph is missing (${missing.join(", ")}); to install it: ${install}`);
  }
  Deno.test({ name, ignore, fn });
}
