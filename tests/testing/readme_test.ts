import { assertEquals, assertStringIncludes } from "@std/assert";
import { rootUrl } from "../support/closed_network/root.ts";
import { Page } from "../support/pages/page.ts";
import { writePageProgram } from "../support/pages/page_program.ts";

Deno.test("the harness on the page of the test kit compiles, and holds a real store of leases to the checks", async () => {
  const harness = new Page("src/testing/README.md").snippet('conformance("lease"');
  using program = writePageProgram(`
import { conformance } from "@alphaswarm/credentials/testing";
import { lease, LeaseDesk } from "${new URL("tests/support/conformance/lease_desk.ts", rootUrl)}";

await using desk = new LeaseDesk();
const { url } = desk;
${harness}
for (const { name, run } of checks) {
  await run();
  console.log(name);
}
`);
  assertEquals(await program.check(), "");
  const { code, out, err } = await program.run();
  assertEquals([code, err], [0, ""]);
  const checked = ["gives what expires with a need that binds", "ends everything that it obtained when it is closed"];
  for (const name of checked) assertStringIncludes(out, `lease ${name}\n`);
});
