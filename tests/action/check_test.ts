import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ACTION, commandsIn, readAction, runAction } from "../support/action/runner.ts";
import { Page } from "../support/pages/page.ts";
import { parse } from "npm:yaml@^2.9.1";
import { makeRegistry } from "../support/action/jsr_registry.ts";
import { writeProgram } from "../support/fixtures/programs.ts";
import { readManifest } from "../support/packaging/manifest.ts";
import { makeProject, type Project } from "../support/packaging/project.ts";
import { bareEnvironment } from "../support/programs/run_cli.ts";

const SECRET = "fake-value-of-a-secret";
const HOSTILE = "a\u001b::add-mask::%0A|<b>\u202e::x";

/** A chain in JavaScript, with a credential that is there, two that are not, and a store without a use. */
const CHAIN = `import { defineChain, env, memory, required } from "@alphaswarm/credentials";

const late = ["late", "made"].join(":");
export default defineChain({
  // "db:basic" is asked for by every service.
  stores: {
    env: env({ priority: 100 }),
    "spare": memory({ priority: 50 }),
  },
  credentials: {
    "db:basic": {
      fields: { user: required(), password: required() },
      from: { env: { prefix: "DB_" } },
    },
    'db:admin': { fields: { user: required() }, from: { env: { prefix: "DB_ADMIN_" } } },
    [late]: { fields: { user: required() }, from: { env: { prefix: "LATE_" } } },
    HOSTILE
  },
});
`;
const HOSTILE_ENTRY = `${JSON.stringify(HOSTILE)}: { fields: { user: required() }, from: { env: { prefix: "H_" } } },`;

function chain(entry = ""): string {
  return CHAIN.replace("    HOSTILE\n", entry && `    ${entry}\n`);
}

/** Runs the action in a project that has the packed package, with the Node of that name first in the path. */
function act(project: Project, inputs: Readonly<Record<string, string>> = {}, set: readonly string[] = ["USER"]) {
  const bin = project.program("node-24").replace(/\/node$/, "");
  const values = Object.fromEntries([...set.map((name) => [`DB_${name}`, "reader"]), ["DB_PASSWORD", SECRET]]);
  return runAction({
    workspace: project.directory,
    inputs: { config: "chain.config.mjs", ...inputs },
    env: { PATH: `${bin}:${Deno.env.get("PATH")}`, ...values },
  });
}

Deno.test("each credential that cannot be resolved is an error at its line, and each problem of the chain a warning", async () => {
  using project = await makeProject();
  project.write("chain.config.mjs", chain());
  const { code, out, err, summary } = await act(project);
  assertEquals([code, err], [1, ""]);
  const file = "chain.config.mjs";
  assertEquals(commandsIn(out), [
    {
      name: "error",
      properties: { file, line: "15", title: "db:admin (not_found)" },
      message: 'no store has it: supply DB_ADMIN_USER in "env"',
    },
    {
      name: "error",
      properties: { file, line: "1", title: "late:made (not_found)" },
      message: 'no store has it: supply LATE_USER in "env"',
    },
    {
      name: "warning",
      properties: { file, line: "8", title: "stores.spare (unreachable)" },
      message: "No credential maps it: name it in the from of one, or remove the store",
    },
  ]);
  assertMatch(out, /^ {2}missing +db:admin/m);
  assertMatch(summary, /^\| `db:basic` \| ok \| `env` \|$/m);
  assertMatch(summary, /^\| `db:admin` \| missing \| `no store has it/m);
  assertMatch(summary, /^\| `stores\.spare` \| unreachable \| `No credential maps it/m);
  assertEquals((out + summary).includes(SECRET), false);
});

Deno.test("a chain without a problem has no annotation, and keys limit what is checked", async () => {
  using project = await makeProject();
  project.write("chain.config.mjs", chain());
  const checked = await act(project, { keys: "db:basic\n\n" });
  assertEquals([checked.code, checked.err, commandsIn(checked.out)], [0, "", []]);
  assertEquals(checked.summary.match(/^\|/gm)?.length, 3);
  const both = await act(project, { keys: " db:basic \r\ndb:admin\r\n" }, ["USER", "ADMIN_USER"]);
  assertEquals([both.code, commandsIn(both.out)], [0, []]);
});

Deno.test("a name that reads like a workflow command, Markdown or HTML is shown as text", async () => {
  using project = await makeProject();
  project.write("chain.config.mjs", chain(HOSTILE_ENTRY));
  const { code, out, summary } = await act(project);
  assertEquals(code, 1);
  const commands = commandsIn(out);
  assertEquals(commands.map(({ name }) => name), ["error", "error", "error", "warning"]);
  assertEquals(commands[2]!.properties, {
    file: "chain.config.mjs",
    line: "17",
    title: "a\ufffd::add-mask::%0A|<b>\ufffd::x (not_found)",
  });
  assertEquals(/[\u202e\n]::/.test(summary), false);
  assertStringIncludes(summary, "| `a\ufffd::add-mask::%0A\\|<b>\ufffd::x` | missing |");
});

Deno.test("a chain that cannot be used is one error, with exit code 2", async (t) => {
  using project = await makeProject();
  const cases = [
    ["no module", undefined, "1", /^Cannot load .*: the file does not exist/],
    [
      "a mistake",
      chain().replace('{ prefix: "DB_ADMIN_" }', "{ prefix: 1 }"),
      "15",
      /^Cannot use the chain:\n.*prefix/,
    ],
    [
      "a key with a line break",
      chain(HOSTILE_ENTRY.replace("\\u001b", "\\n")),
      "17",
      /^Cannot use the chain:\n(.|\n)*Expected a key/,
    ],
    ["no chain", "export const chain = 1;", "1", /^Cannot find a chain/],
    ["an error that quotes a secret", `\nthrow new Error("${SECRET}");`, "2", /^Cannot load/],
    ["an unknown key", chain(), "1", /^Cannot find a credential/, "other:key"],
  ] as const;
  for (const [name, text, line, message, keys = ""] of cases) {
    await t.step(name, async () => {
      if (text) project.write("chain.config.mjs", text);
      const { code, out, err, summary } = await act(project, { keys });
      assertEquals([code, err], [2, ""]);
      const [command, ...others] = commandsIn(out);
      assertEquals([command?.name, command?.properties.line, others], ["error", line, []]);
      assertMatch(command!.message, message);
      assertMatch(summary, /^\n\n### Credentials of `chain\.config\.mjs`\n\n`Cannot/);
      assertEquals((out + summary).includes(SECRET), false);
    });
  }
});

Deno.test("a project in a subdirectory uses the packages above it, and is annotated by its path in the repository", async () => {
  using project = await makeProject();
  Deno.mkdirSync(`${project.directory}/services/api`, { recursive: true });
  project.write("services/api/chain.config.mjs", chain());
  const { code, out } = await act(project, { "working-directory": "services/api" });
  assertEquals(code, 1);
  assertEquals(commandsIn(out)[0]!.properties.file, "services/api/chain.config.mjs");
});

Deno.test("without the package in node_modules it is the one of JSR, by the job's Deno or one from npx, and the lock stays as it is", async (t) => {
  using registry = makeRegistry();
  const { version } = readManifest();
  const workspace = Deno.makeTempDirSync();
  const bin = Deno.makeTempDirSync();
  const lock = '{ "version": "5" }\n';
  try {
    Deno.writeTextFileSync(`${workspace}/deno.lock`, lock);
    const imports = { "@alphaswarm/credentials": `jsr:@alphaswarm/credentials@^${version}` };
    Deno.writeTextFileSync(`${workspace}/deno.json`, JSON.stringify({ imports }));
    Deno.writeTextFileSync(`${workspace}/chain.config.ts`, chain());
    const env = { ...bareEnvironment(), JSR_URL: registry.url, DB_USER: "reader", DB_PASSWORD: SECRET };
    const run = () => runAction({ workspace, env: { ...env, PATH: `${bin}:/usr/bin:/bin` } });
    // A stand-in for npx, which has the Deno of these tests and no other.
    const npx = `[ "$1 $2" = "-y deno@${Deno.version.deno}" ] && shift 2 && exec '${Deno.execPath()}' "$@"`;
    writeProgram(bin, "npx", npx);
    for (const step of ["npx", "Deno"]) {
      await t.step(step, async () => {
        if (step === "Deno") {
          Deno.removeSync(`${bin}/npx`);
          Deno.symlinkSync(Deno.execPath(), `${bin}/deno`);
        }
        const { code, out, err } = await run();
        assertEquals([code, err], [1, ""]);
        assertEquals(commandsIn(out).map(({ properties }) => properties.line), ["15", "1", "8"]);
        assertEquals(Deno.readTextFileSync(`${workspace}/deno.lock`), lock);
      });
    }
    await t.step("without a lock none is written", async () => {
      Deno.removeSync(`${workspace}/deno.lock`);
      const { code, err } = await run();
      assertEquals([code, err], [1, ""]);
      assertEquals([...Deno.readDirSync(workspace)].map(({ name }) => name).sort(), ["chain.config.ts", "deno.json"]);
    });
  } finally {
    for (const path of [workspace, bin]) Deno.removeSync(path, { recursive: true });
  }
});

Deno.test("a member of a workspace is checked with the lock of the workspace, as Deno itself does", async () => {
  const workspace = Deno.makeTempDirSync();
  try {
    // A stand-in for Deno, which prints the lock that it gets.
    Deno.writeTextFileSync(
      `${workspace}/deno`,
      '#!/bin/sh\nfor each; do case $each in --lock=*) cat "${each#--lock=}";; --no-lock) echo none;; esac; done\n',
      { mode: 0o755 },
    );
    Deno.mkdirSync(`${workspace}/services/own api`, { recursive: true });
    const run = async () => {
      const env = { PATH: `${workspace}:/usr/bin:/bin` };
      const { code, out, err } = await runAction({
        workspace,
        inputs: { "working-directory": "services/own api" },
        env,
      });
      assertEquals([code, err], [0, ""]);
      return out;
    };
    assertEquals(await run(), "none\n");
    Deno.writeTextFileSync(`${workspace}/deno.lock`, "the workspace's\n");
    assertEquals(await run(), "the workspace's\n");
    Deno.writeTextFileSync(`${workspace}/services/own api/deno.lock`, "its own\n");
    assertEquals(await run(), "its own\n");
  } finally {
    Deno.removeSync(workspace, { recursive: true });
  }
});

Deno.test("the action's page names its inputs with their defaults, and its script has no expression in it", () => {
  const { inputs, runs } = readAction();
  const page = Deno.readTextFileSync(`${ACTION}/README.md`);
  const [, rows = ""] = page.split("| input ");
  const named = [...rows.split("\n\n")[0]!.matchAll(/^\| `([\w-]+)` +\| (.+?) +\|/gm)].map((
    [, name, value],
  ) => [name, value]);
  const said: Readonly<Record<string, string>> = { keys: "all", version: "this one" };
  assertEquals(named, Object.entries(inputs).map(([name, { default: value }]) => [name, said[name] ?? `\`${value}\``]));
  assertEquals([runs.using, ...runs.steps.map(({ shell }) => shell)], ["composite", "bash"]);
  assert(runs.steps.every(({ run }) => !run.includes("${{")));
});

Deno.test("the workflows on the action's page use this version of it, and a command that exists", () => {
  const page = new Page(".github/actions/check/README.md");
  const { version } = readManifest();
  const workflow: { jobs: { check: { steps: readonly { uses: string }[] } } } = parse(page.first("yaml"));
  assertEquals(
    workflow.jobs.check.steps.map(({ uses }) => uses),
    ["actions/checkout@v7", `alphaswarm/credentials/.github/actions/check@v${version}`],
  );
  const [block] = page.blocks("Without the action", "yaml");
  const steps: readonly { run: string }[] = parse(block);
  assertEquals(steps.map(({ run }) => run.replace(/^.* (?=check)/, "")), Array(3).fill("check --github"));
});
