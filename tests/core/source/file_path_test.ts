import { assertEquals } from "@std/assert";
import { file, fromEnv } from "../../../mod.ts";
import { escapes, pathOption } from "../../../src/core/source/file_path.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

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

Deno.test("a directory whose variable is not set, with a blank fallback, names the variable", async () => {
  const { resolver } = smallChain(
    { file: file({ priority: 1, directory: fromEnv("STATE_DIR", "") }) },
    { file: "db.json" },
  );
  const { code, message } = await rejection(resolver.resolve("db:basic"));
  assertEquals([code, message], [
    "invalid",
    'Cannot resolve "db:basic": "file" is invalid: STATE_DIR is not set',
  ]);
});
