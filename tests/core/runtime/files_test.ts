import { assertEquals } from "@std/assert";
import { ambient } from "../../../src/core/runtime/ambient.ts";
import { runtimeFiles } from "../../../src/core/runtime/files.ts";
import { makeDirectory } from "../../support/fixtures/directory.ts";

const { files, asyncFiles } = runtimeFiles(ambient());

Deno.test("a file of any size is read whole, and nothing of the one before is in it", async () => {
  const { path, remove } = makeDirectory();
  for (const size of [4_094, 4_095, 4_096, 4_097, 100_000, 1_048_576, 3, 0]) {
    const text = `${size % 7}`.repeat(size);
    Deno.writeTextFileSync(`${path}/value`, text);
    for (const each of [files!, asyncFiles!]) assertEquals(await each.text(`${path}/value`), text);
  }
  remove();
});

Deno.test("files that are read at once, without blocking, have their own texts", async () => {
  const { path, remove } = makeDirectory();
  const names = Array.from({ length: 20 }, (_, at) => `${at}`);
  for (const name of names) Deno.writeTextFileSync(`${path}/${name}`, name.repeat(100));
  const texts = await Promise.all(names.map((name) => asyncFiles!.text(`${path}/${name}`)));
  assertEquals(texts, names.map((name) => name.repeat(100)));
  remove();
});

Deno.test("a file whose size the system does not know is read whole", async () => {
  for (const each of [files!, asyncFiles!]) assertEquals(await each.text("/proc/sys/kernel/ostype"), "Linux\n");
});
