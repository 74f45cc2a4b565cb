import { assertEquals } from "@std/assert";
import { memory } from "../../mod.ts";

Deno.test("a printed memory() store does not show its values", () => {
  const store = memory({ priority: 1, values: { user: "hunter2" } });
  assertEquals(
    `${Deno.inspect(store)} ${JSON.stringify(store)} ${Deno.inspect({ ...store })}`.includes("hunter2"),
    false,
  );
});
