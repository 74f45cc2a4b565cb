import { assert, assertEquals } from "@std/assert";
import { Ajv2020, type ValidateFunction } from "npm:ajv@^8.20.0/dist/2020.js";
import addFormats from "npm:ajv-formats@^3.0.1";
import * as report from "../../src/report/mod.ts";
import { readSchemaFiles, SCHEMA_MODULE, schemaFiles, schemaModule, SCHEMAS } from "../support/schema_files.ts";
import { runCli, writeChain } from "../support/programs/run_cli.ts";

const SECRET = "not-a-secret";
const CHAIN = `defineChain({
  stores: { file: file({ priority: 200, directory: "state" }), env: env({ priority: 100 }) },
  credentials: {
    "db:basic": { fields: { user: required(), password: required() }, from: { file: "db.json", env: { prefix: "DB_" } } },
    "db:admin": { fields: { user: required() }, from: { env: { prefix: "DB_ADMIN_" } } },
  },
})`;

function validator(name: string): ValidateFunction {
  const ajv = new Ajv2020({ strict: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  return ajv.compile(JSON.parse(readSchemaFiles()[name]!));
}

Deno.test("the schema files are what reportJsonSchema() returns", () => {
  assertEquals(readSchemaFiles(), schemaFiles(), 'If that is intended, run "deno task schemas --update"');
});

Deno.test("the schema that the describe route serves is what reportJsonSchema() returns", () => {
  const text = Deno.readTextFileSync(SCHEMA_MODULE);
  assertEquals(text, schemaModule(), 'If that is intended, run "deno task schemas --update"');
});

Deno.test("the id of each schema is its own address, by the version of the report and not by the release", () => {
  for (const [name, text] of Object.entries(readSchemaFiles())) {
    const { $id, properties } = JSON.parse(text);
    assertEquals($id, `https://raw.githubusercontent.com/alphaswarm/credentials/main/src/report/schemas/${name}`);
    assertEquals(name.split(".")[1], `v${properties.version.const}`);
  }
});

Deno.test("the page of the reports has every command with its schemas", () => {
  const page = Deno.readTextFileSync(new URL("../README.md", SCHEMAS));
  const rows = [...page.matchAll(/^\| `(\w+) --json` .*\| `(\w+)` +\| \[`(.+)`\]/gm)].map(([, ...cells]) => cells);
  assertEquals(rows.map(([command, , file]) => [`${command}.v1.json`, file]), rows.map(([, , file]) => [file, file]));
  assertEquals(rows.map(([, , file]) => file!).sort(), Object.keys(schemaFiles()).sort());
  assertEquals(
    rows.map(([, schema]) => schema!).sort(),
    Object.keys(report).filter((name) => /[a-z]Schema$/.test(name) && name !== "reportJsonSchema").sort(),
  );
});

Deno.test("a JSON Schema validator takes what each command prints as JSON, and refuses an undeclared member", async (t) => {
  const cwd = Deno.makeTempDirSync();
  const flags = ["--allow-env", "--allow-read", "--allow-write"];
  const env = { DB_USER: "reader", DB_PASSWORD: SECRET };
  const commands: Readonly<Record<string, readonly string[]>> = {
    describe: ["describe"],
    explain: ["explain", "db:basic"],
    check: ["check"],
    permissions: ["permissions"],
    init: ["init", "neo4j", "--config", "other.config.ts"],
    persist: ["persist", "db:basic", "--store", "file"],
  };
  try {
    writeChain(cwd, CHAIN);
    Deno.mkdirSync(`${cwd}/state`);
    assertEquals(Object.keys(commands).map((name) => `${name}.v1.json`).sort(), Object.keys(schemaFiles()).sort());
    for (const [name, args] of Object.entries(commands)) {
      await t.step(name, async () => {
        const input = JSON.stringify({ user: "writer", password: SECRET });
        const { code, out, err } = await runCli([...args, "--json"], { cwd, env, flags, input });
        assertEquals([code, err], [name === "check" ? 1 : 0, ""]);
        const validate = validator(`${name}.v1.json`);
        const parsed: object = JSON.parse(out);
        assert(validate(parsed), JSON.stringify(validate.errors));
        assertEquals(validate({ ...parsed, value: "" }), false);
        assertEquals(out.includes(SECRET), false);
      });
    }
  } finally {
    Deno.removeSync(cwd, { recursive: true });
  }
});
