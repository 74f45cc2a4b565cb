import { assertEquals } from "@std/assert";
import { escapes, pathOption } from "../../../src/core/source/file_path.ts";

Deno.test("on Windows a name with a colon is refused, since it may lead to another drive or stream", () => {
  for (const name of ["c:db.json", "db.json:stream", "a/b:c"]) {
    assertEquals([escapes(name, true), escapes(name, false)], [true, false], name);
  }
  for (const name of ["/db.json", "\\\\host\\db.json", "a/../../db.json", "a\\..\\db.json", "a\0"]) {
    assertEquals([escapes(name, true), escapes(name, false)], [true, true], name);
  }
  for (const name of ["db.json", "a/b.json", "..data", "~/db.json"]) {
    assertEquals([escapes(name, true), escapes(name, false)], [false, false], name);
  }
});

Deno.test("a file URL may have a directory named ~ in it", () => {
  assertEquals(pathOption("directory", new URL("file:///srv/~/state")), "/srv/~/state");
});
