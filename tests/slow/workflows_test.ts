import { assertEquals } from "@std/assert";
import { readAction } from "../support/action/runner.ts";
import { root } from "../support/closed_network/root.ts";
import { filesBelow } from "../support/repository_files.ts";
import { getServer } from "../support/servers/get/servers.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

const JOB = `on: push
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: ./.github/actions/check
        with: `;

/** Runs actionlint in a repository; it finds the workflows there. */
async function findings(directory: string): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command(`${await getServer("actionlint")}/actionlint`, {
    args: ["-oneline", "-no-color", "-shellcheck=", "-pyflakes="],
    cwd: directory,
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").filter((line) => line !== "");
}

serverTest("actionlint accepts the workflows, and one that uses the action by its inputs", ["actionlint"], async () => {
  const repository = Deno.makeTempDirSync();
  try {
    for (const path of [".git", ".github/workflows", ".github/actions/check"]) {
      Deno.mkdirSync(`${repository}/${path}`, { recursive: true });
    }
    for (const path of [...filesBelow(".github/workflows/"), ".github/actions/check/action.yml"]) {
      Deno.copyFileSync(root + path, `${repository}/${path}`);
    }
    const use = (...names: readonly string[]) => {
      const inputs = Object.fromEntries(names.map((name) => [name, "x"]));
      Deno.writeTextFileSync(`${repository}/.github/workflows/use.yml`, `${JOB}${JSON.stringify(inputs)}\n`);
    };
    const inputs = Object.keys(readAction().inputs);
    use(...inputs);
    assertEquals(await findings(repository), []);
    use(...inputs, "unknown");
    assertEquals((await findings(repository)).length, 1);
  } finally {
    Deno.removeSync(repository, { recursive: true });
  }
});
