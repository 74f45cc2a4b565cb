import { assertEquals, assertMatch } from "@std/assert";
import { guide, makeMigration, programs } from "../support/guides/migration.ts";
import { asInstalled } from "../support/pages/page.ts";

/** Parses each line as the three packages and this one do; what this one refuses is its reason. */
const PARSE = `
import { writeFileSync } from "node:fs";
import { createResolver, defineChain, required } from "@alphaswarm/credentials";
import { dotenv } from "@alphaswarm/credentials/dotenv";
import { parse } from "dotenv";
import { expand } from "dotenv-expand";
import dotenvx from "@dotenvx/dotenvx";

async function here(text) {
  writeFileSync(".env", text);
  const chain = defineChain({
    stores: { dotenv: dotenv({ priority: 1, path: ".env" }) },
    credentials: { "a:b": { fields: { a: required() }, from: { dotenv: { fields: { a: "A" } } } } },
  });
  try {
    return (await createResolver(chain).resolve("a:b")).get("a");
  } catch ({ message }) {
    return message.includes("no store has it") ? "no store has it" : / has (.*) at line \\d/.exec(message)[1];
  }
}

const rows = [];
for (const line of JSON.parse(process.argv[2])) {
  const text = "B=bee\\n" + line;
  rows.push([
    parse(text).A,
    expand({ parsed: parse(text), processEnv: {} }).parsed.A,
    dotenvx.parse(text, { processEnv: {} }).A,
    await here(text),
  ]);
}
console.log(JSON.stringify(rows));
`;

Deno.test("the guide's table of dotenv lines says what each parser and this package make of them", async () => {
  const rows = guide("dotenv").rows("What is read differently").map((cells) => cells.map(cell));
  using project = await makeMigration();
  project.write("parse.mjs", PARSE);
  const { out } = await project.run("node-26", ["parse.mjs", JSON.stringify(rows.map(([line]) => line))]);
  const parsed: string[][] = JSON.parse(out);
  assertEquals(rows, rows.map(([line], at) => [line, ...parsed[at]!]));
  assertEquals(rows.length, 18);
});

/** Returns the text of a cell of the table. */
function cell(text: string): string {
  return text.replace(/^`(.*)`$/, "$1").replaceAll("⏎", "\n").replaceAll("…", "b".repeat(127)).replace(/^``$/, "");
}

Deno.test("what dotenv loaded, the chain gives, and a variable that is set wins in both", async () => {
  using project = await makeMigration();
  const { before: [before = ""], after } = programs("dotenv");
  project.write("before.ts", before);
  project.write("after.ts", after);
  project.write(".env", "NEO4J_USER=reader\nNEO4J_PASSWORD='fake $1'\n");
  project.write(
    "main.ts",
    `import { login } from "./after.ts"; const l = await login();
     const now = [l.get("user"), l.get("password")];
     const { login: old } = await import("./before.ts");
     console.log(JSON.stringify([now, Object.values(old), l.degraded]));`,
  );
  const run = async (env = {}) => {
    const { out } = await project.run("node-26", ["main.ts"], env);
    return JSON.parse(out.trim().split("\n").at(-1)!);
  };
  const file = ["reader", "fake $1"];
  assertEquals(await run(), [file, file, false]);
  const set = ["writer", "fake-2"];
  assertEquals(await run({ NEO4J_USER: "writer", NEO4J_PASSWORD: "fake-2" }), [set, set, false]);
  assertEquals(await run({ NEO4J_USER: "writer" }), [file, ["writer", "fake $1"], true], "an identity of two places");
});

Deno.test("the guide's command finds what was expanded, and check says that an identity is of a lower store", async () => {
  using project = await makeMigration();
  const lines = ["A=plain", "B=$A", "C='${A}'"];
  project.write(".env", `${lines.join("\n")}\n`);
  const [command] = guide("dotenv").blocks("What is read differently", "sh");
  const { stdout } = await new Deno.Command("sh", { args: ["-c", command], cwd: project.directory }).output();
  assertEquals(new TextDecoder().decode(stdout), "2:B=$A\n3:C='${A}'\n");

  project.write("chain.config.ts", `${asInstalled(programs("dotenv").after)}\nexport default chain;\n`);
  project.write(".env", "NEO4J_USER=reader\nNEO4J_PASSWORD='fake#1'\n");
  Deno.chmodSync(`${project.directory}/.env`, 0o600);
  const cli = ["node_modules/@alphaswarm/credentials/cli.js", "check"];
  const { out } = await project.run("node-26", cli, { NEO4J_USER: "reader" });
  assertMatch(out, /degraded +neo4j:basic +dotenv/);
});

Deno.test("check names a line that parsers read differently, as the guide shows it, and what two sources differ in, and no value", async () => {
  using project = await makeMigration();
  project.write("chain.config.ts", `${asInstalled(programs("dotenv").after)}\nexport default chain;\n`);
  project.write(".env", "NEO4J_USER=reader\nNEO4J_PASSWORD=fake#1\n");
  Deno.chmodSync(`${project.directory}/.env`, 0o600);
  const { code, out } = await project.run("node-26", ["node_modules/@alphaswarm/credentials/cli.js", "check"]);
  const [shown] = guide("dotenv").blocks("What is read differently", "text");
  assertEquals([`$ npx @alphaswarm/credentials check\n${out.trimEnd()}`, code], [shown.trimEnd(), 1]);
  assertEquals(out.includes("fake"), false);

  project.write(".env", "NEO4J_USER=reader\nNEO4J_PASSWORD='fake#1'\n");
  const args = ["--import", "dotenv/config", "node_modules/@alphaswarm/credentials/cli.js", "check"];
  assertEquals((await project.run("node-26", args)).code, 0, "dotenv gave env what the file has");
  const differing = await project.run("node-26", args, { NEO4J_USER: "reader", NEO4J_PASSWORD: "fake-2" });
  assertEquals([differing.code, differing.out.includes("(conflicting values)")], [1, true]);
});

Deno.test("what dotenvx encrypted is refused as it stands in the file, and read where dotenvx starts the program", async () => {
  using project = await makeMigration();
  project.write("chain.config.ts", `${asInstalled(programs("dotenv").after)}\nexport default chain;\n`);
  project.write(".env", "NEO4J_USER=reader\nNEO4J_PASSWORD=f\n");
  Deno.chmodSync(`${project.directory}/.env`, 0o600);
  const dotenvx = "node_modules/@dotenvx/dotenvx/src/cli/dotenvx.js";
  const check = ["node_modules/@alphaswarm/credentials/cli.js", "check"];
  await project.run("node-26", [dotenvx, "encrypt"]);
  const { code, out } = await project.run("node-26", check);
  assertEquals([code, out.includes(".env has a value that dotenvx encrypted at line")], [1, true], out);
  const decrypted = await project.run("node-26", [dotenvx, "run", "--", project.program("node-26"), ...check]);
  assertEquals(decrypted.code, 0, decrypted.out);
  assertMatch(decrypted.out, /ok +neo4j:basic +env/);
});
