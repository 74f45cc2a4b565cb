import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { commandsIn } from "../support/action/runner.ts";
import { runCli, writeChain } from "../support/programs/run_cli.ts";
import { lineOf, partOf } from "../../src/cli/chain_lines.ts";

function test(name: string, run: (cwd: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const cwd = Deno.makeTempDirSync();
    try {
      await run(cwd);
    } finally {
      Deno.removeSync(cwd, { recursive: true });
    }
  });
}

const NEEDS = `defineChain({
  stores: {
    env: env({ priority: 100 }),
    login: defineStore({
      kind: "login", shape: token, needs: ["client"],
      open: () => async (_, { need }) => ({ value: { token: (await need("client")).values.user } }),
    })({ priority: 200, client: "db:client" }),
  },
  credentials: {
    "db:client": { fields: { user: required() }, from: { env: { prefix: "CLIENT_" } } },
    "db:token": { fields: { token: required() }, from: { login: true } },
  },
})`;

test("of credentials that fail because of another one, only that one is annotated, unless it is not checked", async (cwd) => {
  writeChain(cwd, NEEDS);
  const errors = async (...keys: string[]) => {
    const { code, out } = await runCli(["check", "--github", ...keys], { cwd });
    assertEquals(code, 1);
    return commandsIn(out).map(({ name, properties: { title } }) => [name, title]);
  };
  assertEquals(await errors(), [["error", "db:client (not_found)"]]);
  assertMatch(String(await errors("db:token")), /^error,db:token \(\w+\)$/);
});

test("where the summary may not be written, check says so and is otherwise the same", async (cwd) => {
  writeChain(cwd, NEEDS);
  const env = { GITHUB_STEP_SUMMARY: `${cwd}/summary.md` };
  const { code, out, err } = await runCli(["check", "--github"], { cwd, env });
  assertEquals([code, err], [1, "Cannot write the summary of the job: it needs --allow-write\n"]);
  assertEquals(commandsIn(out).length, 1);
});

test("check takes --json or --github, and not both", async (cwd) => {
  const { code, out, err } = await runCli(["check", "--github", "--json"], { cwd });
  assertEquals([code, out], [2, ""]);
  assertStringIncludes(err, "Expected one of --json and --github");
});

Deno.test("a part of a chain is found where it is declared: as a property, a short form, or a text that is used as one", () => {
  const text = `import { env } from "@alphaswarm/credentials";
const KEY = "made:elsewhere";
// credentials: { "db:basic": "in a comment" }
const env = makeEnv({ "db:basic": 1 });
export default defineChain({
  stores: { env, file: file({ priority: 1 }), "a.b": env },
  credentials: {
    \`db:basic\`: {},
    "with\\nline:1": {},
    [KEY]: {},
  },
});`;
  const lines = (...paths: string[]) => paths.map((path) => lineOf(text, partOf(path)));
  assertEquals(lines("stores.env", "stores.file.share", 'stores["a.b"].recheck'), [6, 6, 6]);
  assertEquals(lines('credentials["db:basic"].from.env', 'credentials["made:elsewhere"]'), [8, 2]);
  assertEquals(lines('credentials["with\nline:1"]', 'credentials["not:there"]', "defaults", "the chain"), [9, 1, 1, 1]);
});
