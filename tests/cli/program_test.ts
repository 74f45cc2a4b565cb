import { assertEquals, assertMatch } from "@std/assert";
import { programOf, type Start } from "../../src/cli/program.ts";
import { VERSION } from "../../src/cli/version.ts";
import { root } from "../support/closed_network/root.ts";
import { bareEnvironment, runCli } from "../support/programs/run_cli.ts";

const TASK = { INIT_CWD: "/home/user/project", npm_config_user_agent: "deno/2.9.6 npm/? deno/2.9.6 linux x86_64" };
const NPX = { ...TASK, npm_config_user_agent: "npm/11.19.1 node/v20.20.2 linux x64", npm_lifecycle_event: "npx" };
const OURS = "file:///home/user/credentials/src/cli/terminal.ts";
const NPM = "file:///home/user/project/node_modules/@alphaswarm/credentials/cli.js";
const JSR = "https://jsr.io/@alphaswarm/credentials/0.2.0/src/cli/terminal.ts";

const STARTS: readonly (readonly [Start["runtime"], url: string, env: Readonly<Record<string, string>>, string])[] = [
  ["deno", OURS, TASK, "deno task "],
  ["deno", OURS, {}, ""],
  ["deno", OURS, NPX, "npx -y deno task "],
  ["deno", OURS, { ...NPX, npm_lifecycle_event: "start" }, ""],
  ["deno", JSR, NPX, "deno run -A jsr:@alphaswarm/credentials/cli "],
  ["deno", JSR, {}, "deno run -A jsr:@alphaswarm/credentials/cli "],
  ["deno", JSR, TASK, "deno run -A jsr:@alphaswarm/credentials/cli "],
  ["node", NPM, {}, "npx @alphaswarm/credentials "],
  ["bun", NPM, {}, "bunx --bun @alphaswarm/credentials "],
  ["node", "file:///home/user/project/node_modules/@jsr/alphaswarm__credentials/src/cli/terminal.js", {}, ""],
];

Deno.test("what is printed to be typed next begins as the command line was started, where that is known", () => {
  for (const [runtime, url, env, program] of STARTS) {
    assertEquals(programOf({ runtime, url, variable: (name) => env[name] }), program, `${runtime} ${url}`);
  }
});

for (
  const [started, env, last] of [
    ["deno", {}, "Fields: deno task describe --fields. One credential: deno task explain KEY."],
    ["npx -y deno", NPX, "More: npx -y deno task describe --fields, or npx -y deno task explain KEY."],
  ] as const
) {
  Deno.test(`${started} task describe says how to type what comes next, in one line`, async () => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "describe"],
      cwd: root,
      env: { ...bareEnvironment(), ...env },
      clearEnv: true,
      stdin: "null",
    }).output();
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    assertEquals([lines.length <= 50, lines.at(-1)], [true, last]);
  });
}

Deno.test("--version prints the version, and no argument lists the commands and says how to begin", async () => {
  assertEquals(await runCli(["--version"]), { code: 0, out: `${VERSION}\n`, err: "" });
  const { code, err } = await runCli([]);
  assertEquals(code, 2);
  assertMatch(err, /\nTo begin: init SERVICE… writes a chain, and describe shows what it finds\.\n/);
  assertMatch(err, /\n {2}init SERVICE… +Write a chain for services, /);
});
