import { assertEquals } from "@std/assert";

Deno.test("the example of the motivating bug ends with a successful write", async () => {
  const example = new URL("bootstrap.ts", import.meta.url).href;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--allow-all", example],
    stderr: "inherit",
  }).output();
  assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
    "client, with the default's credential: 403 CREATE_TABLE_DIRECT_WITH_WRITE_DELEGATION",
    "bootstrap: minted alphaswarm_runtime",
    "client, with the file's credential: 200 created",
  ]);
  assertEquals(success, true);
});
