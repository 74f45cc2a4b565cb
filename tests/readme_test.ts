import { assert, assertEquals } from "@std/assert";

const root = new URL("..", import.meta.url);

/** The environment variables that Deno needs; the chain reads none of them. */
const KEPT = ["PATH", "HOME", "DENO_DIR"].filter((name) => Deno.env.has(name));

/** The pages whose snippets show what they print. */
const PAGES = ["README.md", "src/route/README.md"];

/** A snippet of a page with comments that show what it prints. */
interface Snippet {
  readonly code: string;
  readonly prints: readonly string[];
}

async function snippets(page: string): Promise<readonly Snippet[]> {
  const text = await Deno.readTextFile(new URL(page, root));
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => ({
    code: code!,
    prints: [...code!.matchAll(/^console\.log\(.*\); \/\/ ("[a-z0-9]+")$/gm)].map(([, printed]) =>
      JSON.parse(printed!)
    ),
  })).filter(({ prints }) => prints.length > 0);
}

Deno.test("README and the route's page: each snippet prints what its comments show", async () => {
  // Hint: inside the repository, since the package can be imported by its name only there.
  await Deno.mkdir(new URL(".cache", root), { recursive: true });
  const directory = await Deno.makeTempDir({ dir: decodeURIComponent(new URL(".cache", root).pathname) });
  const found = await Promise.all(PAGES.map(snippets));
  try {
    assert(found.every(({ length }) => length > 0));
    for (const { code, prints } of found.flat()) {
      const path = `${directory}/snippet.ts`;
      await Deno.writeTextFile(path, code);
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "--no-lock", "--allow-all", path],
        env: { NO_COLOR: "1" },
      }).output();
      const lines = new TextDecoder().decode(stdout).trim().split("\n");
      assertEquals(lines, prints, new TextDecoder().decode(stderr));
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("README: each command prints the output that is shown", async () => {
  const text = await Deno.readTextFile(new URL("README.md", root));
  const shown = [...text.matchAll(/^```text\n\$ deno task (.+)\n([\s\S]*?)^```$/gm)];
  assert(shown.length > 0);
  // Hint: where the directory is missing, the output has its whole path, which differs by machine.
  const made = await makeStateDirectory();
  try {
    for (const [, command, output] of shown) {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "--quiet", ...command!.split(" ")],
        cwd: root,
        clearEnv: true,
        env: { NO_COLOR: "1", ...Object.fromEntries(KEPT.map((name) => [name, Deno.env.get(name) ?? ""])) },
      }).output();
      assertEquals(new TextDecoder().decode(stdout).trimEnd(), output!.trimEnd(), command!);
    }
  } finally {
    if (made) await Deno.remove(made, { recursive: true });
  }
});

/** Creates the directory that the chain names, unless it is there; returns the highest directory that was created. */
async function makeStateDirectory(): Promise<URL | undefined> {
  const wanted = ["data/", "data/bootstrap/"].map((path) => new URL(path, root));
  const exists = (directory: URL) => Deno.stat(directory).then(() => true, () => false);
  const there = await Promise.all(wanted.map(exists));
  await Deno.mkdir(wanted[1]!, { recursive: true });
  return wanted[there.indexOf(false)];
}
