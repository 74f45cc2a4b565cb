import { assertEquals } from "@std/assert";
import { fromEnv } from "../../../mod.ts";
import { permissions } from "../../../src/report/mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { testInDirectory } from "../../support/fixtures/directory.ts";
import { OwnTime } from "../../support/fixtures/own_time.ts";
import { idsIn, untilGone, writeProgram } from "../../support/fixtures/programs.ts";
import { textChain } from "../../support/fixtures/text_chain.ts";
import { runProgram } from "../../support/programs/run_program.ts";

const NEEDED = "--allow-env=PATH,HOME";

function run(
  command: readonly string[],
  flags: readonly string[],
  options: object = {},
  env: Record<string, string> = {},
) {
  const args = [JSON.stringify(command), JSON.stringify(options)];
  return runProgram("print_by_program.ts", args, { permissions: flags, env });
}

testInDirectory(
  "the flags that permissions() prints are those that a program needs on Deno, and each is asked for",
  async (directory) => {
    const program = writeProgram(directory, "op", 'echo "$1 $OP_ACCOUNT"');
    const options = { environment: ["OP_ACCOUNT"] };
    for (const name of [program, "op"]) {
      const { flags, run: programs } = permissions(textChain([name, "{}"], options), testHost());
      assertEquals(programs, [name]);
      assertEquals(flags, `--allow-env=PATH,HOME,OP_ACCOUNT --allow-run=${name}`);
      const env = { PATH: `${directory}:/usr/bin:/bin`, OP_ACCOUNT: "team" };
      assertEquals(await run([name, "{}"], flags.split(" "), options, env), "token team");
      const denied = (flag: string) => `Cannot resolve "api:token": "op" is denied: needs ${flag}`;
      assertEquals(await run([name, "{}"], [NEEDED], {}, env), denied(`--allow-run=${name}`));
      assertEquals(await run([name, "{}"], [`--allow-run=${name}`], {}, env), denied("--allow-env=PATH"));
      assertEquals(await run([name], [NEEDED, `--allow-run=${name}`], options, env), denied("--allow-env=OP_ACCOUNT"));
    }
  },
);

Deno.test("permissions() names the program whose arguments are in variables, set or not, and the variables", () => {
  for (const env of [{}, { VAULT: "dev" }]) {
    const { run, env: variables } = permissions(
      textChain(["op", "read", fromEnv("VAULT") as never]),
      testHost({ env }),
    );
    assertEquals([run, variables], [["op"], ["VAULT", "PATH", "HOME"]]);
  }
});

testInDirectory(
  "with --allow-run for one program, a slow one is killed alone, and its resolver does not wait",
  async (directory) => {
    const program = writeProgram(directory, "slow", `echo $$ > ${directory}/ids\nexec sleep 60`);
    using time = new OwnTime();
    assertEquals(
      await run([program], [NEEDED, `--allow-run=${program}`], { timeout: 300 }),
      'Cannot resolve "api:token": "op" is unavailable: no answer within its timeout of 300 ms',
    );
    assertEquals(time.ms < 20_000, true);
    await untilGone(await idsIn(`${directory}/ids`, 1));
  },
);

testInDirectory(
  "with --allow-run for one program, what it left behind is waited for no longer, though not killed",
  async (directory) => {
    const program = writeProgram(directory, "daemon", `sleep 60 & echo $! > ${directory}/ids\necho not-a-token`);
    assertEquals(await run([program], [NEEDED, `--allow-run=${program}`]), "not-a-token");
    for (const id of await idsIn(`${directory}/ids`, 1)) Deno.kill(id, "SIGKILL");
  },
);

testInDirectory(
  "a variable by which any program runs other code needs the permission to run all of them",
  async (directory) => {
    const program = writeProgram(directory, "op", "echo not-a-token");
    const env = { LD_LIBRARY_PATH: "/nowhere" };
    const flags = ["--allow-env", `--allow-run=${program}`];
    const options = { environment: ["LD_LIBRARY_PATH"] };
    assertEquals(
      await run([program], flags, options, env),
      'Cannot resolve "api:token": "op" is denied: needs --allow-run without a list, because it is given LD_LIBRARY_PATH',
    );
  },
);
