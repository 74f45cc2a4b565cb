import { assert, assertEquals, assertMatch } from "@std/assert";
import { rootUrl } from "../support/closed_network/root.ts";
import { bundleWorker } from "../support/packaging/bundle_worker.ts";
import { makeProject, type Project } from "../support/packaging/project.ts";
import { Page, replaced } from "../support/pages/page.ts";
import { installOnce } from "../support/runtimes/install.ts";

const PAGE = new Page("src/core/README.md");
const USER = "planted-user";
const WALK = { type: "walk", key: "neo4j:basic", store: "env", degraded: false };

/** Bundles a program of a project that prints, and runs it on workerd as a test; returns what it printed. */
async function onWorkerd(project: Project, contents: string): Promise<string> {
  await bundleWorker(project, contents);
  project.write(
    "worker.capnp",
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "worker", worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  bindings = [(name = "NEO4J_USER", text = "${USER}")],
  compatibilityDate = "2026-04-01",
))]);
`,
  );
  const { success, stdout, stderr } = await new Deno.Command(`${project.modules}/.bin/workerd`, {
    args: ["test", `${project.directory}/worker.capnp`],
    stdin: "null",
  }).output();
  const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success, printed);
  return printed;
}

/** Checks what the debug mode printed. */
function checkDebug(printed: string): void {
  assertMatch(printed, /type: "?'?walk/);
  assertMatch(printed, /store: "?'?env/);
  assert(!printed.includes(USER), printed);
}

Deno.test("console.debug as the log is a debug mode on Deno, Node and workerd, and prints no value", async (t) => {
  const program = PAGE.blocks("Log events", "ts")[0];
  using project = await makeProject();
  await t.step("deno", async () => {
    const path = Deno.makeTempFileSync({ dir: new URL(".cache", rootUrl).pathname, suffix: ".ts" });
    try {
      Deno.writeTextFileSync(path, program);
      const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-check", "--no-lock", "--no-prompt", "--allow-env=NEO4J_USER", path],
        env: { NEO4J_USER: USER, NO_COLOR: "1" },
      }).output();
      assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
      checkDebug(new TextDecoder().decode(stdout));
    } finally {
      Deno.removeSync(path);
    }
  });
  for (const node of ["node-20", "node-26"] as const) {
    await t.step(node, async () => {
      project.write("main.mjs", program);
      const { code, out, err } = await project.run(node, ["main.mjs"], { NEO4J_USER: USER });
      assertEquals([code, err], [0, ""]);
      checkDebug(out);
    });
  }
  await t.step("workerd", async () => {
    const [imports, rest] = program.split("\n\n", 1).concat(program.slice(program.indexOf("\n\n")));
    const worker = replaced(rest!, "{ log: console.debug }", "{ env: bindings, log: console.debug }");
    checkDebug(
      await onWorkerd(project, `${imports}\nexport default { async test(_: unknown, bindings: any) {${worker}} };`),
    );
  });
});

Deno.test("the program for pino writes a line of JSON for each event, with the level of its type and no value", async () => {
  const modules = await installOnce("pino", { pino: "10.4.0" });
  using project = await makeProject();
  Deno.symlinkSync(`${modules}/pino`, `${project.directory}/node_modules/pino`);
  const [program] = PAGE.blocks("As structured logs", "ts");
  project.write(
    "main.ts",
    replaced(program, '"npm:pino@^10.4.0"', '"pino"') +
      `\nfor (const type of Object.keys(LEVELS)) log({ type, key: "a:b" } as LogEvent);`,
  );
  const { code, out, err } = await project.run("node-26", ["main.ts"], { NEO4J_USER: USER });
  assertEquals([code, err], [0, ""]);
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  const levels = Object.fromEntries(lines.map(({ level, type }) => [type, level]));
  assertEquals(levels, {
    renewed: 30,
    changed: 30,
    degraded: 40,
    failed: 40,
    missing: 40,
    shadowed: 40,
    share: 40,
    ignored: 40,
    stopped: 50,
  }, "pino's own level is info, so that a walk is not printed");
  assertEquals(lines[0].msg, "credential renewed");
  project.write(
    "main.ts",
    replaced(program, '"npm:pino@^10.4.0"', '"pino"')
      .replace('pino({ name: "credentials" })', 'pino({ name: "credentials", level: "debug" })'),
  );
  const debug = await project.run("node-26", ["main.ts"], { NEO4J_USER: USER });
  const { level, msg, name, time: _time, pid: _pid, hostname: _hostname, ...event } = JSON.parse(debug.out);
  assertEquals([level, msg, name, event], [20, "credential walk", "credentials", WALK]);
  assert(!debug.out.includes(USER));
});

Deno.test("the Worker of the page logs one object as JSON a line on workerd, and no value", async () => {
  using project = await makeProject();
  const [, program = ""] = PAGE.blocks("As structured logs", "ts");
  project.write("page.ts", program);
  const printed = await onWorkerd(
    project,
    `import worker from "./page.ts";
    export default { async test(_: unknown, bindings: any) {
      const answer = await worker.fetch(new Request("http://worker/"), bindings);
      console.log(await answer.text());
    } };`,
  );
  assertMatch(printed, /^from env$/m);
  const line = printed.split("\n").find((each) => each.includes("{"));
  assertEquals(JSON.parse(line!.slice(line!.indexOf("{"))), { message: "credential walk", ...WALK });
  assert(!printed.includes(USER));
});
