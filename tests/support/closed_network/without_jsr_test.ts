import { assertEquals } from "@std/assert";
import { withoutJsr } from "./without_jsr.ts";

Deno.test("withoutJsr() keeps every npm package in a lock file, and removes those of JSR", () => {
  const lock = {
    version: "5",
    specifiers: { "jsr:@std/assert@^1.0.19": "1.0.19", "jsr:@std/internal@^1.0.12": "1.0.12", "npm:hono@4": "4.13.19" },
    jsr: { "@std/assert@1.0.19": { integrity: "aa", dependencies: ["jsr:@std/internal"] } },
    npm: { "hono@4.13.19": { integrity: "sha512-bb" } },
    workspace: { dependencies: ["jsr:@std/assert@^1.0.19", "npm:hono@4"] },
  };
  assertEquals(JSON.parse(withoutJsr(JSON.stringify(lock, null, 2))), {
    version: "5",
    specifiers: { "npm:hono@4": "4.13.19" },
    npm: lock.npm,
    workspace: lock.workspace,
  });
});
