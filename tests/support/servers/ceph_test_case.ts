import { cephInstalled } from "./ceph_installed.ts";

/**
 * Registers a test that needs Ceph. If Ceph is not installed, the test is ignored and the command that installs Ceph is
 * printed. If `CI` is set, the test runs and fails instead, so that CI skips none.
 *
 * @param name The name of the test.
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
