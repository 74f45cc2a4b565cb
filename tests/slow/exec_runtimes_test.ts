import { assertEquals, assertLess } from "@std/assert";
import { fileURLToPath } from "node:url";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { OwnTime } from "../support/fixtures/own_time.ts";
import { idsIn, untilGone, writeProgram } from "../support/fixtures/programs.ts";
import { type BundledProgram, bundleProgram } from "../support/programs/run_program.ts";

const PROGRAM = "print_by_program.ts";
const ENV = { PATH: "/usr/bin:/bin", HOME: "/", NODE_NO_WARNINGS: "1" };

/** The command that runs the program on each runtime. */
function commandsOf(bundled: BundledProgram, args: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const source = fileURLToPath(new URL(`../support/programs/${PROGRAM}`, import.meta.url));
  return {
    Deno: [Deno.execPath(), "run", "--quiet", "--allow-all", "--no-check", "--no-lock", source, ...args],
    Bun: bundled.command("bun", args),
    "Node 20": bundled.command("node-20", args),
    "Node 24": bundled.command("node-24", args),
    "Node 26": bundled.command("node-26", args),
  };
}

function spawn([executable, ...args]: readonly string[]) {
  return new Deno.Command(executable!, { args, env: ENV, stdin: "null", stdout: "piped", stderr: "inherit" }).spawn();
}

Deno.test("Ctrl-C ends Deno, Bun and Node while a program runs for a credential, without waiting for it", async (t) => {
  using bundled = await bundleProgram(PROGRAM);
  const directory = makeDirectory();
  const program = writeProgram(directory.path, "slow", `sleep 60 & echo $$ $! > ${directory.path}/ids\nwait`);
  const args = [JSON.stringify([program]), JSON.stringify({ timeout: 60_000 })];
  for (const [name, command] of Object.entries(commandsOf(bundled, args))) {
    await t.step(name, async () => {
      const child = spawn(command);
      const ids = await idsIn(`${directory.path}/ids`, 2);
      using time = new OwnTime();
      child.kill("SIGINT");
      const [{ signal }] = await Promise.all([child.status, child.stdout.cancel()]);
      assertEquals(signal, "SIGINT");
      assertLess(time.ms, 5_000);
      for (const id of ids) Deno.kill(id, "SIGKILL");
      await untilGone(ids);
      directory.empty();
      writeProgram(directory.path, "slow", `sleep 60 & echo $$ $! > ${directory.path}/ids\nwait`);
    });
  }
  directory.remove();
});

Deno.test("Deno, Bun and Node end by themselves after a program's time is up, and nothing of it is left", async (t) => {
  using bundled = await bundleProgram(PROGRAM);
  const directory = makeDirectory();
  const args = (path: string) => [JSON.stringify([path]), JSON.stringify({ timeout: 1_000 })];
  for (const name of Object.keys(commandsOf(bundled, []))) {
    await t.step(name, async () => {
      const ids = `${directory.path}/ids`;
      const path = writeProgram(directory.path, "slow", `trap '' TERM\nsleep 60 & echo $$ $! > ${ids}\nwait\nsleep 60`);
      const { status, stdout } = spawn(commandsOf(bundled, args(path))[name]!);
      const [{ code }, text] = await Promise.all([status, new Response(stdout).text()]);
      assertEquals(code, 0);
      assertEquals(
        text.trim(),
        'Cannot resolve "api:token": "op" is unavailable: no answer within its timeout of 1000 ms',
      );
      await untilGone(await idsIn(ids, 2));
      directory.empty();
    });
  }
  directory.remove();
});

Deno.test("Node's permission model is asked for --allow-child-process alone, whose absence is denied with its flag", async (t) => {
  using bundled = await bundleProgram(PROGRAM);
  const directory = makeDirectory();
  writeProgram(directory.path, "op", 'echo "not-a-token"');
  const env = { ...ENV, PATH: `${directory.path}:/usr/bin:/bin` };
  for (const node of ["node-24", "node-26"] as const) {
    await t.step(node, async () => {
      const [, , bundle = ""] = bundled.command(node, [], ["--permission"]);
      const flags = ["--permission", `--allow-fs-read=${bundle}`];
      const run = (permissions: readonly string[]) => bundled.run(node, ['["op"]'], { permissions, env });
      assertEquals(await run([...flags, "--allow-child-process"]), "not-a-token");
      assertEquals(await run(flags), 'Cannot resolve "api:token": "op" is denied: needs --allow-child-process');
    });
  }
  directory.remove();
});
