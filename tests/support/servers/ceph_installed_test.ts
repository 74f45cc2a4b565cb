import { assertEquals, assertStringIncludes } from "@std/assert";
import { rootUrl } from "../closed_network/root.ts";
import { cephInstalled } from "./ceph_installed.ts";

const { installed, install } = cephInstalled();
if (!installed) {
  for (const file of await cephTestFiles(new URL("tests/", rootUrl), "tests/")) {
    console.error(`Did not run the tests of "${file}" that need Ceph; to install it: ${install}`);
  }
}

Deno.test("cephInstalled() lists the missing packages and the command that installs them", () => {
  const packages = ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"];
  const nothing = cephInstalled("");
  assertEquals([nothing.installed, nothing.missing], [false, packages]);
  assertStringIncludes(nothing.install, packages.join(" "));
});

Deno.test("cephInstalled() counts a package as installed only if all of its programs are", async () => {
  const directory = await Deno.makeTempDir();
  for (const program of ["radosgw", "ceph-mon", "ceph-osd", "ceph", "monmaptool"]) {
    await Deno.writeTextFile(`${directory}/${program}`, "");
  }
  assertEquals(cephInstalled(directory).missing, ["ceph-common"]);
  await Deno.writeTextFile(`${directory}/radosgw-admin`, "");
  assertEquals(cephInstalled(`/nowhere:${directory}`).installed, true);
  await Deno.remove(directory, { recursive: true });
});

async function cephTestFiles(directory: URL, prefix: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (isDirectory) files.push(...await cephTestFiles(new URL(`${name}/`, directory), `${prefix}${name}/`));
    else if (name.endsWith("_test.ts") && /^cephTest\(/m.test(await Deno.readTextFile(new URL(name, directory)))) {
      files.push(`${prefix}${name}`);
    }
  }
  return files.sort();
}
