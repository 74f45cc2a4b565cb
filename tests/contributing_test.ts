import { assertEquals, assertStringIncludes } from "@std/assert";
import { rootUrl } from "./support/closed_network/root.ts";
import { Page } from "./support/pages/page.ts";
import { writePageProgram } from "./support/pages/page_program.ts";

/** The command of the contributors' page, put into the list of the commands as it says there. */
const PROGRAM = `
import type { Command } from "${new URL("src/cli/command.ts", rootUrl)}";
import { commands, run } from "${new URL("src/cli/run.ts", rootUrl)}";
import { openTerminal } from "${new URL("src/cli/terminal.ts", rootUrl)}";

${new Page(".github/CONTRIBUTING.md").snippet("exampleCommand")}
(commands as Command[]).push(exampleCommand);
Deno.exitCode = await run(openTerminal());
`;
const CONFIG = ["--config", decodeURIComponent(new URL("chain.config.ts", rootUrl).pathname)];

Deno.test("the command of the contributors' page is one of the command line, with its help, text and JSON", async () => {
  using program = writePageProgram(PROGRAM);
  assertEquals(await program.check(), "");
  const { run } = program;
  const help = await run("example", "--help");
  assertEquals([help.code, help.err], [0, ""]);
  assertStringIncludes(help.out, "Say in a few lines what there is to know.");
  assertStringIncludes((await run("--help")).out, "Say in a line what it does");
  assertEquals(await run("example", ...CONFIG), { code: 0, out: "text for a person\n", err: "" });
  assertEquals(await run("example", "--json", ...CONFIG), { code: 0, out: '{"version":1}\n', err: "" });
  assertEquals((await run("example", "--config", "nowhere.ts")).code, 2, "a chain that cannot be used");
});
