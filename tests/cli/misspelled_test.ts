import { assertEquals, assertStringIncludes } from "@std/assert";
import { testInDirectory } from "../support/fixtures/directory.ts";
import { runCli, tooWide, writeChain } from "../support/programs/run_cli.ts";

const CHAIN = `defineChain({
  stores: { file: file({ priority: 2, directory: "state" }), env: env({ priority: 1 }) },
  credentials: {
    "db:basic": {
      fields: { client_id: required(), password: required() },
      from: { file: "db.json", env: { prefix: "DB_" } },
    },
  },
})`;

/** Returns what explain prints about a document, on one line, after a look at its exit code. */
async function explained(cwd: string, document: object, expected: number, chain = CHAIN): Promise<string> {
  writeChain(cwd, chain);
  Deno.mkdirSync(`${cwd}/state`, { recursive: true });
  Deno.writeTextFileSync(`${cwd}/state/db.json`, JSON.stringify(document));
  const env = { DB_CLIENT_ID: "hunter2-a", DB_PASSWORD: "hunter2-b" };
  const { code, out } = await runCli(["explain", "db:basic"], { cwd, env });
  assertEquals([code, tooWide(out), out.includes("hunter2")], [expected, [], false]);
  return out.replace(/\s+/g, " ");
}

testInDirectory("explain says which member of a document is misspelled, instead of to add the rest", async (cwd) => {
  const out = await explained(cwd, { client_id: "hunter2-c", pasword: "hunter2-d" }, 1);
  assertStringIncludes(
    out,
    "missing state/db.json: password fix: state/db.json has pasword and lacks password: rename it, or map pasword, " +
      "or remove the file to let env answer",
  );
  assertEquals(out.includes("Add the rest"), false);
  const both = await explained(cwd, { clientId: "hunter2-c", pasword: "hunter2-d" }, 1);
  assertStringIncludes(
    both,
    "state/db.json has clientId and lacks client_id: rename it, or map clientId; state/db.json",
  );
  assertStringIncludes(both, "has pasword and lacks password: rename it, or map pasword, or remove the file");
});

testInDirectory("explain names no other member, and adds the rest where none is misspelled", async (cwd) => {
  const out = await explained(cwd, { client_id: "hunter2-c", "hunter2-name": "d" }, 1);
  assertStringIncludes(out, "fix: Add the rest, or remove the file to let env answer");
});

testInDirectory("explain names a misspelled member of a document that is passed over, too", async (cwd) => {
  const chain = CHAIN.replace("priority: 2,", 'priority: 2, onIncomplete: "next",');
  const out = await explained(cwd, { client_id: "hunter2-c", pasword: "hunter2-d" }, 0, chain);
  assertStringIncludes(out, "db:basic: degraded from env");
  assertStringIncludes(out, "fix: state/db.json has pasword and lacks password: rename it, or map pasword");
});

testInDirectory("explain and check print no control character of a misspelled member", async (cwd) => {
  const out = await explained(cwd, { client_id: "hunter2-c", "password\u001b": "hunter2-d" }, 1);
  assertStringIncludes(out, "state/db.json has password");
  const { out: checked } = await runCli(["check"], { cwd });
  assertStringIncludes(checked, "db.json has password");
  assertEquals([out, checked].map((text) => text.includes("\u001b")), [false, false]);
});

testInDirectory("explain names a misspelled member of what a store needs", async (cwd) => {
  const chain = `defineChain({
    stores: {
      issuer: defineStore({ kind: "issuer", shape: token, needs: ["client"], open: () => async (_, { need }) => {
        await need("client");
        return { values: { token: "hunter2-t" } };
      } })({ priority: 2, client: "db:basic" }),
      file: file({ priority: 1, directory: "state" }),
    },
    credentials: {
      "db:basic": { fields: { client_id: required(), password: required() }, from: { file: "db.json" } },
      "db:token": { fields: { token: required() }, from: { issuer: true } },
    },
  })`;
  await explained(cwd, { client_id: "hunter2-c", pasword: "hunter2-d" }, 1, chain);
  const { out } = await runCli(["explain", "db:token", "--live"], { cwd });
  assertStringIncludes(out.replace(/\s+/g, " "), "fix state/db.json has pasword and lacks password: rename it, or map");
});
