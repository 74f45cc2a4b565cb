import { assertEquals, assertStringIncludes } from "@std/assert";
import { installCommand, missingPackages } from "./debian.ts";

const CEPH = ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"] as const;

Deno.test("missingPackages() lists the missing packages, of which a command installs all", () => {
  const missing = missingPackages(CEPH, "");
  assertEquals(missing, CEPH);
  assertStringIncludes(installCommand(missing), CEPH.join(" "));
});

Deno.test("missingPackages() counts a package as installed only if all of its programs are", async () => {
  const directory = await Deno.makeTempDir();
  for (const program of ["radosgw", "ceph-mon", "ceph-osd", "ceph", "monmaptool"]) {
    await Deno.writeTextFile(`${directory}/${program}`, "");
  }
  assertEquals(missingPackages(CEPH, directory), ["ceph-common"]);
  await Deno.writeTextFile(`${directory}/radosgw-admin`, "");
  assertEquals(missingPackages(CEPH, `/nowhere:${directory}`), []);
  await Deno.remove(directory, { recursive: true });
});
