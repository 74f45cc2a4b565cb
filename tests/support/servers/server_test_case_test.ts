import { assertEquals, assertStringIncludes } from "@std/assert";
import { MISSING_SERVERS, skippedTests } from "./server_test_case.ts";

const NAME = "a test that needs Ceph";

/** Runs a test that needs Ceph where no program is found; returns whether that succeeded, and what it printed. */
async function runWithoutCeph(env: Record<string, string>): Promise<[boolean, string]> {
  const directory = await Deno.makeTempDir();
  const module = new URL("./server_test_case.ts", import.meta.url).href;
  await Deno.writeTextFile(
    `${directory}/ceph_test.ts`,
    `import { serverTest } from ${JSON.stringify(module)};\nserverTest("${NAME}", ["ceph"], () => Promise.resolve());`,
  );
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--no-config", "--no-lock", "--allow-all", directory],
    env: { ...env, PATH: "/nowhere", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  await Deno.remove(directory, { recursive: true });
  return [success, new TextDecoder().decode(stdout)];
}

Deno.test("serverTest() skips a test whose server is missing, by name and with the command that installs it", async () => {
  const [success, output] = await runWithoutCeph({ CI: "" });
  assertEquals(success, true, output);
  const [line = "", ...more] = skippedTests(output);
  assertEquals(more, []);
  assertStringIncludes(line, `"${NAME}"`);
  assertStringIncludes(line, "apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common");
});

Deno.test("serverTest() says why the suite could not get a server", async () => {
  const [success, output] = await runWithoutCeph({ CI: "", [MISSING_SERVERS]: '{"ceph":"the network is down"}' });
  assertEquals([success, skippedTests(output)], [true, [`Did not run "${NAME}": the network is down`]]);
});

Deno.test("serverTest() fails instead where CI is set", async () => {
  const [success, output] = await runWithoutCeph({ CI: "true" });
  assertEquals([success, skippedTests(output)], [false, []]);
  assertStringIncludes(output, "apt-get install");
});
