import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { rootUrl } from "../support/closed_network/root.ts";
import { bareEnvironment, cliArgs, type Ran, runCli } from "../support/programs/run_cli.ts";

const PRINCIPAL = { client_id: "alphaswarm_runtime", client_secret: "not-a-secret" };
const PERSIST = ["--allow-env", "--allow-read", "--allow-write"];

/** Runs `persist` in the repository with a text on its standard input, and the state in a directory. */
async function persist(directory: string, input: string, ...args: string[]): Promise<Ran> {
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs(["persist", ...args], PERSIST),
    env: { ...bareEnvironment(), ALPHASWARM_BOOTSTRAP_STATE_DIR: directory },
    clearEnv: true,
    cwd: fileURLToPath(rootUrl),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

function test(name: string, run: (directory: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const directory = Deno.makeTempDirSync();
    try {
      await run(directory);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });
}

test("persist writes what is on standard input, and explain shows it afterwards", async (directory) => {
  const { code, out, err } = await persist(directory, JSON.stringify(PRINCIPAL), "polaris:oauth");
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, "polaris:oauth: written to file");
  assertEquals(out.includes("not-a-secret"), false);
  assertEquals(JSON.parse(Deno.readTextFileSync(`${directory}/polaris-principal.json`)), PRINCIPAL);
  const explained = await runCli(["explain", "polaris:oauth", "--json"], {
    env: { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory },
  });
  assertEquals(JSON.parse(explained.out).source, "file");
});

test("persist --json says where a script finds what it wrote", async (directory) => {
  const { out } = await persist(directory, JSON.stringify(PRINCIPAL), "polaris:oauth", "--json", "--store", "file");
  assertEquals(JSON.parse(out), {
    version: 1,
    key: "polaris:oauth",
    store: "file",
    names: ["polaris-principal.json#client_id", "polaris-principal.json#client_secret"],
  });
});

test("persist ends with 1 for values that are no credential, and writes nothing", async (directory) => {
  const { code, out, err } = await persist(directory, '{"client_id": "not-a-secret"}', "polaris:oauth");
  assertEquals([code, out], [1, ""]);
  assertMatch(err, /^Cannot persist "polaris:oauth": a part of the identity is missing/);
  assertEquals(err.includes("not-a-secret"), false);
  assertEquals([...Deno.readDirSync(directory)], []);
});

test("persist ends with 2 when it is called wrongly, and quotes nothing of its input", async (directory) => {
  const wrong: [string, string[], string][] = [
    ["{}", [], "Expected one KEY"],
    ["{}", ["polaris:oauth", "not-a-secret"], "Expected one KEY"],
    ["{}", ["polaris:nothing"], 'Cannot find a credential "polaris:nothing"'],
    ["not-a-secret", ["polaris:oauth"], "Cannot read standard input: expected a JSON object"],
    ['["not-a-secret"]', ["polaris:oauth"], "Cannot read standard input: expected a JSON object"],
  ];
  for (const [input, args, message] of wrong) {
    const { code, err } = await persist(directory, input, ...args);
    assertEquals(code, 2);
    assertStringIncludes(err, message);
    assertEquals(err.includes("not-a-secret"), false);
  }
});
