import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ChainDescription } from "../../mod.ts";
import { labelled } from "../../src/cli/wrap.ts";
import { type Scene, scenes, setScene } from "../support/cli/scenes.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { runCli, runOnTerminal } from "../support/programs/run_cli.ts";

const WIDTHS = [60, 80, 140];
const FLAGS = ["--allow-env", "--allow-read", "--allow-net=127.0.0.1:9", "--allow-run"];

/** Runs a test with commands in a scene, on terminals. */
async function inScene(
  scene: Scene,
  test: (
    show: (args: readonly string[], columns: number, env?: object) => Promise<string>,
    cwd: string,
  ) => Promise<void>,
): Promise<void> {
  const directory = makeDirectory();
  try {
    const options = setScene(scene, directory.path);
    await test(
      (args, columns, env = { NO_COLOR: "1" }) =>
        runOnTerminal([...args, ...args.includes("--help") ? [] : options], {
          cwd: directory.path,
          columns,
          env: { ...scene.env, ...env },
          flags: FLAGS,
        }),
      directory.path,
    );
  } finally {
    directory.remove();
  }
}

/** The names of a chain: its credentials, stores, variables, and documents. */
async function namesOf(scene: Scene): Promise<ReadonlySet<string>> {
  const directory = makeDirectory();
  try {
    const options = setScene(scene, directory.path);
    const { out } = await runCli(["describe", "--json", ...options], { cwd: directory.path, env: scene.env ?? {} });
    const { stores, credentials }: ChainDescription = JSON.parse(out);
    return new Set([
      ...stores.flatMap(({ name, references }) => [name, ...references.map(({ variable }) => variable)]),
      ...credentials.flatMap((
        { key, from },
      ) => [key, ...from.flatMap(({ reads }) => reads.map((name) => name.split("#")[0]!))]),
    ]);
  } finally {
    directory.remove();
  }
}

/** The lines that are wider than a terminal, or that end with spaces. */
function wrong(out: string, columns: number): readonly string[] {
  return out.split("\n").filter((line) => [...line].length > columns || /\s$/.test(line));
}

/** The names of which a text has only the beginning in a line, and the rest in the next one. */
function broken(out: string, names: ReadonlySet<string>): readonly string[] {
  const lines = out.split("\n").map((line) => line.trim());
  return [...names].filter((name) =>
    Array.from({ length: name.length - 1 }, (_, at) => [name.slice(0, at + 1), name.slice(at + 1)] as const).some(
      ([head, tail]) =>
        lines.some((line, at) =>
          line.split(" ").at(-1) === head && !names.has(head) && lines[at + 1]?.split(/[ ,;:]/)[0] === tail
        ),
    )
  );
}

for (const scene of scenes) {
  Deno.test(`no line is wider than the terminal and no name is broken: ${scene.name}`, async () => {
    const names = await namesOf(scene);
    await inScene(scene, async (show) => {
      for (const columns of WIDTHS) {
        for (const args of [["describe", "--fields"], ["explain", scene.key], ["check"]]) {
          const out = await show(args, columns);
          assert(out.split("\n").length > 4, out);
          assertEquals([wrong(out, columns), broken(out, names)], [[], []], `${args} at ${columns}`);
        }
      }
    });
  });
}

Deno.test("a wide terminal is used: what is wrapped at 80 columns is not at 140", () =>
  inScene(scenes[0]!, async (show) => {
    const lines = async (columns: number) => (await show(["describe"], columns)).split("\n");
    const [narrow, normal, wide] = await Promise.all(WIDTHS.map(lines));
    assert(narrow!.length > normal!.length && normal!.length > wide!.length);
    assert(Math.max(...wide!.map(({ length }) => length)) > 110);
  }));

Deno.test("a flag that is wider than the terminal begins beside its verb, and is broken between its names only", () => {
  const flag = "needs --allow-env=ALPHASWARM_NEO4J_USER,ALPHASWARM_NEO4J_PASSWORD,ALPHASWARM_NEO4J_URI";
  assertEquals(
    labelled("env", flag, { indent: "    ", label: 4, width: 60 }),
    [
      "    env   needs --allow-env=ALPHASWARM_NEO4J_USER,",
      "          ALPHASWARM_NEO4J_PASSWORD,ALPHASWARM_NEO4J_URI",
    ].join("\n"),
  );
});

Deno.test("every help fits into a narrow terminal, and so does what is wrong with a command line", () =>
  inScene(scenes[0]!, async (show) => {
    const helps = ["init", "describe", "explain", "check", "permissions", "persist", "serve"].map((
      name,
    ) => [name, "--help"]);
    for (const args of [["--help"], ...helps, ["descibe"], ["init", "neo4"], ["explain", "polaris:oath"]]) {
      const out = await show(args, 60);
      assertEquals(wrong(out, 60), [], args.join(" "));
    }
  }));

Deno.test("colours only repeat what the words say, and NO_COLOR wins over FORCE_COLOR", async () => {
  const config = ["--config", new URL("chain.config.ts", rootUrl).pathname];
  // deno-lint-ignore no-control-regex -- Colours are control characters.
  const colours = /\x1b\[\d+m/g;
  const scene = scenes.find(({ name }) => name === "mixed")!;
  await inScene(scene, async (show, cwd) => {
    const plain = await show(["describe"], 80);
    const coloured = await show(["describe"], 80, {});
    assert(colours.test(coloured));
    assertEquals(coloured.replace(colours, ""), plain);
    const piped = async (env: Readonly<Record<string, string>>) =>
      (await runCli(["describe", ...config], { cwd, env: { ...scene.env, ...env } })).out;
    assertEquals(await piped({ FORCE_COLOR: "1" }), coloured);
    for (const env of [{}, { FORCE_COLOR: "0" }, { NO_COLOR: "1", FORCE_COLOR: "1" }]) {
      assertEquals(await piped(env as Record<string, string>), plain, JSON.stringify(env));
    }
    assertStringIncludes(await show(["describe"], 80, { FORCE_COLOR: "0" }), plain);
  });
});
