import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as esbuild from "npm:esbuild@^0.28.2";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeProject, type ProgramResult, type Project, type Runtime, runtimes } from "../support/packaging/project.ts";

const CLI = "node_modules/@alphaswarm/credentials/cli.js";
const SHIPPED = Deno.readTextFileSync(new URL("chain.config.ts", rootUrl));
const SECRET = "fake-value-of-a-secret";
const SEED = { ALPHASWARM_NEO4J_USER: "seed", ALPHASWARM_NEO4J_PASSWORD: SECRET };

interface ChainProject {
  readonly project: Project;
  /** The options with which a command finds the chain. */
  readonly options: readonly string[];
  /** Runs a command with the shipped chain. */
  command(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ProgramResult>;
}

/** Creates a project with the shipped chain, in JavaScript if the runtime cannot run TypeScript. */
async function inProject(runtime: Runtime, test: (project: ChainProject) => Promise<void>): Promise<void> {
  using project = await makeProject();
  const config = runtime === "node-20" ? "chain.config.mjs" : "chain.config.ts";
  project.write(config, runtime === "node-20" ? await withoutTypes(SHIPPED) : SHIPPED);
  const options = runtime === "node-20" ? ["--config", config] : [];
  await test({ project, options, command: (args, env) => project.run(runtime, [CLI, ...args, ...options], env) });
}

async function withoutTypes(code: string): Promise<string> {
  try {
    return (await esbuild.transform(code, { loader: "ts" })).code;
  } finally {
    await esbuild.stop();
  }
}

for (const runtime of runtimes) {
  Deno.test(`on ${runtime}, describe prints the chain and the missing credentials`, () =>
    inProject(runtime, async ({ command }) => {
      const { code, out, err } = await command(["describe", "--fields"], SEED);
      assertEquals([code, err], [0, ""]);
      assertMatch(out, /^1 of 9 credentials are available: 5 missing, 3 off\n/);
      assertMatch(out, /off +m2m +oauth2 +300/);
      assertMatch(out, /ok +neo4j:basic +env$/m);
      assertMatch(out, /^ {2}neo4j:basic +user, password \+ uri$/m);
      assertStringIncludes(out, "ALPHASWARM_POLARIS_CLIENT_SECRET");
      assertEquals(out.includes(SECRET), false);
      const { stores } = JSON.parse((await command(["describe", "--json"], SEED)).out);
      assertEquals(stores.map(({ name }: { name: string }) => name), ["m2m", "sts", "file", "env"]);
    }));

  Deno.test(`on ${runtime}, init writes a chain that describe reads at once`, async () => {
    using project = await makeProject();
    const options = ["--config", runtime === "node-20" ? "first.mjs" : "first.ts"];
    const command = (name: string) =>
      project.run(runtime, [CLI, ...name.split(" "), ...options], { NEO4J_USERNAME: "seed", NEO4J_PASSWORD: SECRET });
    const written = await command("init neo4j github");
    assertEquals([written.code, written.err], [0, ""]);
    assertMatch(written.out, /^ {11}NEO4J_PASSWORD is set\n/m);
    const program = runtime === "bun" ? "bunx --bun" : "npx";
    assertStringIncludes(written.out, `Next: ${program} @alphaswarm/credentials describe ${options.join(" ")}\n`);
    const described = await command("describe");
    assertEquals([described.code, described.err], [0, ""]);
    assertMatch(described.out, /^ +ok +neo4j:basic +env$/m);
    assertEquals([written, described].some(({ out }) => out.includes(SECRET)), false);
    assertEquals((await command("init neo4j")).code, 2);
    if (runtime !== "node-20") return;
    const refused = await project.run(runtime, [CLI, "init", "neo4j"]);
    assertEquals([refused.code, refused.out], [2, ""]);
    assertMatch(refused.err, /^Cannot write \.\/chain\.config\.ts: this version of Node\.js cannot run TypeScript: /);
  });

  Deno.test(`on ${runtime}, describe uses the width of the terminal`, () =>
    inProject(runtime, async ({ project, options }) => {
      const command = [project.program(runtime), CLI, "describe", ...options].join(" ");
      for (const columns of [60, 140]) {
        const { stdout } = await new Deno.Command("script", {
          args: ["--quiet", "--return", "--command", `stty cols ${columns}; ${command}`, "/dev/null"],
          cwd: project.directory,
          env: { PATH: Deno.env.get("PATH") ?? "", HOME: project.directory, NO_COLOR: "1" },
          clearEnv: true,
          stdin: "null",
        }).output();
        const lines = new TextDecoder().decode(stdout).split("\r\n");
        const longest = Math.max(...lines.map(({ length }) => length));
        assertMatch(lines[0]!, /^0 of 9 credentials are available/);
        assertEquals([longest <= columns, longest > columns - 30], [true, true], `${longest} of ${columns}`);
      }
    }));

  Deno.test(`on ${runtime}, explain shows that the file wins over the seed`, () =>
    inProject(runtime, async ({ project, command }) => {
      Deno.mkdirSync(`${project.directory}/data/bootstrap`, { recursive: true });
      project.write("data/bootstrap/neo4j-credentials.json", JSON.stringify({ user: "runtime", password: SECRET }));
      const { code, out, err } = await command(["explain", "neo4j:basic", "--json"], SEED);
      assertEquals([code, err], [0, ""]);
      const { source, trace } = JSON.parse(out);
      assertEquals(source, "file");
      assertEquals(trace.map(({ store, outcome }: Record<string, string>) => `${store} ${outcome}`), [
        "file hit",
        "env hit",
      ]);
      assertEquals(out.includes(SECRET), false);
    }));

  Deno.test(`on ${runtime}, check exits with 0 for a credential that resolves, 1 for a missing one, and 2 for an unknown key`, () =>
    inProject(runtime, async ({ command }) => {
      assertEquals((await command(["check", "neo4j:basic"], SEED)).code, 0);
      assertEquals((await command(["check", "neo4j:basic"])).code, 1);
      const { code, err } = await command(["check", "neo4j:other"]);
      assertEquals(code, 2);
      assertStringIncludes(err, "neo4j:basic");
    }));

  Deno.test(`on ${runtime}, permissions prints the flags that the chain needs on Deno`, () =>
    inProject(runtime, async ({ command }) => {
      const { code, out, err } = await command(["permissions"]);
      assertEquals(code, 0);
      assertStringIncludes(err, '"m2m" is off');
      assertMatch(out, /--allow-env=\S*ALPHASWARM_NEO4J_PASSWORD/);
      assertMatch(out, /--allow-read=data\/bootstrap/);
    }));

  Deno.test(`on ${runtime}, a user's own program can run the command line`, () =>
    inProject(runtime, async ({ project }) => {
      project.write(
        "own.mjs",
        'import { main } from "@alphaswarm/credentials/cli";\nprocess.exitCode = await main();\n',
      );
      const { code, out } = await project.run(runtime, ["own.mjs", "--help"]);
      assertEquals(code, 0);
      assertMatch(out, /^ +explain KEY/m);
    }));

  Deno.test(`on ${runtime}, a chain that does not exist exits with 2 and says what was expected`, () =>
    inProject(runtime, async ({ project }) => {
      const { code, out, err } = await project.run(runtime, [CLI, "describe", "--config", "nowhere.mjs"]);
      assertEquals([code, out], [2, ""]);
      assertEquals(
        err,
        "Cannot load nowhere.mjs: the file does not exist: pass the path of the chain's module with --config, " +
          "or write one with init SERVICE\n",
      );
    }));

  Deno.test(`on ${runtime}, a module that a chain imports and that does not exist is named`, () =>
    inProject(runtime, async ({ project }) => {
      project.write("deep.mjs", 'import own from "./lost.mjs";\nexport default own;\n');
      project.write("lost.mjs", 'import "./nowhere.mjs";\nexport default 1;\n');
      project.write("package.mjs", 'import "fake-package";\nexport default 1;\n');
      for (const [config, name] of [["deep.mjs", "nowhere.mjs"], ["package.mjs", "fake-package"]] as const) {
        const { code, err } = await project.run(runtime, [CLI, "describe", "--config", config]);
        assertEquals(code, 2);
        assertMatch(err, new RegExp(`^Cannot load ${config}: Module not found "[./]*${name}", which it imports\n$`));
      }
    }));
}

Deno.test("on a Node.js that cannot run TypeScript, a chain in TypeScript exits with 2 and says what was expected", () =>
  inProject("node-20", async ({ project }) => {
    project.write("chain.config.ts", SHIPPED);
    const { code, out, err } = await project.run("node-20", [CLI, "describe"]);
    assertEquals([code, out], [2, ""]);
    assertMatch(err, /^Cannot load .\/chain.config.ts: this version of Node.js cannot run TypeScript/);
    assertStringIncludes(err, "--config chain.config.mjs");
  }));
