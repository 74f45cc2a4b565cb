import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { commandsIn } from "../support/action/runner.ts";
import { testInDirectory } from "../support/fixtures/directory.ts";
import { runCli, writeChain } from "../support/programs/run_cli.ts";

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

testInDirectory(
  "of credentials that fail because of another one, only that one is annotated, unless it is not checked",
  async (cwd) => {
    writeChain(cwd, NEEDS);
    const errors = async (...keys: string[]) => {
      const { code, out } = await runCli(["check", "--github", ...keys], { cwd });
      assertEquals(code, 1);
      return commandsIn(out).map(({ name, properties: { title } }) => [name, title]);
    };
    assertEquals(await errors(), [["error", "db:client (not_found)"]]);
    assertMatch(String(await errors("db:token")), /^error,db:token \(\w+\)$/);
  },
);

testInDirectory("where the summary may not be written, check says so and is otherwise the same", async (cwd) => {
  writeChain(cwd, NEEDS);
  const env = { GITHUB_STEP_SUMMARY: `${cwd}/summary.md` };
  const { code, out, err } = await runCli(["check", "--github"], { cwd, env });
  assertEquals([code, err], [1, "Cannot write the summary of the job: it needs --allow-write\n"]);
  assertEquals(commandsIn(out).length, 1);
});

testInDirectory("check takes --json or --github, and not both", async (cwd) => {
  const { code, out, err } = await runCli(["check", "--github", "--json"], { cwd });
  assertEquals([code, out], [2, ""]);
  assertStringIncludes(err, "Expected one of --json and --github");
});

testInDirectory(
  "an error that code throws is annotated where it does, and one outside of the workspace or of a dependency at line 1",
  async (cwd) => {
    const failing = (path: string) => `import "${path}";\nexport default 1;\n`;
    const cases: readonly (readonly [files: Readonly<Record<string, string>>, file: string, line: string])[] = [
      [{ "api/chain.config.ts": '\n\nthrow new Error("x");' }, "api/chain.config.ts", "3"],
      [{ "api/chain.config.ts": "\nthrow 1;" }, "api/chain.config.ts", "1"],
      [{ "api/chain.config.ts": "export default {\n  ) };" }, "api/chain.config.ts", "2"],
      [{ "api/chain.config.ts": failing("../stores.ts"), "stores.ts": '\nthrow new Error("x");' }, "stores.ts", "2"],
      [
        { "api/chain.config.ts": failing("../../outside.ts"), "../outside.ts": '\nthrow new Error("x");' },
        "api/chain.config.ts",
        "1",
      ],
      [
        {
          "api/chain.config.ts": failing("../node_modules/x/mod.js"),
          "node_modules/x/mod.js": '\nthrow new Error("x");',
        },
        "api/chain.config.ts",
        "1",
      ],
    ];
    const workspace = `${cwd}/repository`;
    for (const directory of ["api", "node_modules/x"]) Deno.mkdirSync(`${workspace}/${directory}`, { recursive: true });
    for (const [files, file, line] of cases) {
      for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(`${workspace}/${name}`, text);
      const env = { GITHUB_WORKSPACE: workspace };
      const { code, out } = await runCli(["check", "--github"], { cwd: `${workspace}/api`, env });
      const [command] = commandsIn(out);
      assertEquals([code, command?.properties.file, command?.properties.line], [2, file, line], out);
    }
  },
);

testInDirectory(
  "what the module has printed without the end of a line hides no annotation, and shows no name as a command",
  async (cwd) => {
    const text = (chain: string) => `await Deno.stdout.write(new TextEncoder().encode("loading..."));\n${chain}`;
    const path = `${cwd}/chain.config.ts`;
    const names = async () => commandsIn((await runCli(["check", "--github"], { cwd })).out).map(({ name }) => name);
    Deno.writeTextFileSync(path, text('throw new Error("x");'));
    assertEquals(await names(), ["error"]);
    writeChain(
      cwd,
      `defineChain({
  stores: { env: env({ priority: 100 }) },
  credentials: { "db:x\\n::add-mask::x": { fields: { user: required() }, from: { env: { prefix: "DB_" } } } },
})`,
    );
    Deno.writeTextFileSync(path, text(Deno.readTextFileSync(path)));
    assertEquals(await names(), ["error"]);
  },
);

testInDirectory(
  "the summary begins a paragraph of its own, also where only that file may be written and none read",
  async (cwd) => {
    writeChain(cwd, NEEDS);
    const path = `${Deno.realPathSync(cwd)}/summary.md`;
    Deno.writeTextFileSync(path, "before");
    const env = { GITHUB_STEP_SUMMARY: path };
    for (const read of ["--allow-read", `--allow-read --deny-read=${path}`]) {
      const flags = ["--allow-env", ...read.split(" "), `--allow-write=${path}`];
      const { err } = await runCli(["check", "--github"], { cwd, env, flags });
      assertEquals(err, "");
    }
    assertEquals(Deno.readTextFileSync(path).match(/\n\n### Credentials of/g)?.length, 2);
  },
);

testInDirectory(
  "a file is named by its path in the workspace, also through links and where its name has a colon",
  async (cwd) => {
    const workspace = `${cwd}/work`;
    Deno.mkdirSync(`${workspace}/api`, { recursive: true });
    Deno.symlinkSync(workspace, `${cwd}/link`);
    writeChain(`${workspace}/api`, NEEDS);
    writeChain(`${workspace}/api`, NEEDS, "chain:other.ts");
    const files = async (config: string, directory: string) => {
      const options = { cwd: `${cwd}/${directory}/api`, env: { GITHUB_WORKSPACE: `${cwd}/${directory}/` } };
      const { out } = await runCli(["check", "--github", `--config=${config}`], options);
      return commandsIn(out).map(({ properties }) => properties.file);
    };
    for (const directory of ["work", "link"]) {
      assertEquals(await files("chain.config.ts", directory), ["api/chain.config.ts"]);
      assertEquals(await files(`${cwd}/${directory}/api/chain.config.ts`, directory), ["api/chain.config.ts"]);
      assertEquals(await files("./chain:other.ts", directory), ["api/chain:other.ts"]);
    }
  },
);
