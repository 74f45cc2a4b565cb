import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { rootUrl } from "./support/closed_network/root.ts";
import { readManifest } from "./support/packaging/manifest.ts";
import { DRAWN, PAGE_TESTS } from "./support/pages/page_tests.ts";
import { Page } from "./support/pages/page.ts";
import { writePageProgram } from "./support/pages/page_program.ts";
import { markdownPages } from "./support/repository_files.ts";
import { nodes, versions } from "./support/runtimes/install.ts";

/** Every block of every page, with the page. */
const BLOCKS = markdownPages().flatMap((page) => new Page(page).all.map((block) => ({ page, ...block })));

/** The environment variables that Deno needs; the chain reads none of them. */
const KEPT = ["PATH", "HOME", "DENO_DIR"].filter((name) => Deno.env.has(name));

/** What a snippet shows of what it prints: a value in a comment behind each call. */
function shownIn(code: string): readonly string[] {
  return [...code.matchAll(/^ *console\.log\(.*\); \/\/ ("[^"]*"|\d+)$/gm)].map(([, shown]) =>
    String(JSON.parse(shown!))
  );
}

/** Whether a block needs no test of its own: `deno test --doc` runs it, the tests here do, or it is a drawing. */
function needsNoTest({ page, info, code }: typeof BLOCKS[number]): boolean {
  if (info === "ts") return !page.startsWith("tests/");
  return info === "text" && (code.startsWith("$ deno task ") || DRAWN.includes(page));
}

Deno.test("each block of a page is run or read by a test, which a row of support/pages/page_tests.ts names", () => {
  const found = BLOCKS.filter((block) => !needsNoTest(block)).map(({ page, title, info }) =>
    `${page}, ${title}: ${info}`
  );
  const rows = PAGE_TESTS.map(([page, title, info]) => `${page}, ${title}: ${info}`);
  assertEquals(found.sort(), rows.sort(), "write a test that runs it, and a row that names the test");
});

/** How a test may name a page: by its path, and a guide on migrating by what from. */
function namesOf(page: string): readonly string[] {
  const [, from] = /^\.github\/guides\/migrating_from_(\w+)\.md$/.exec(page) ?? [];
  return from ? [page, `"${from}"`] : [page];
}

Deno.test("each test that support/pages/page_tests.ts names for a block names its page", () => {
  for (const [page, , , file] of PAGE_TESTS) {
    const text = Deno.readTextFileSync(new URL(file, rootUrl));
    assert(namesOf(page).some((name) => text.includes(name)), `${file} does not name ${page}`);
  }
});

Deno.test("each snippet of a page prints what its comments show", async () => {
  const snippets = BLOCKS.filter(({ info, code }) => info === "ts" && shownIn(code).length > 0);
  assert(snippets.length > 5);
  for (const { code } of snippets) {
    using program = writePageProgram(code);
    const { out, err } = await program.run();
    assertEquals(out.trim().split("\n"), shownIn(code), err);
  }
});

Deno.test("each command of a page prints the output that is shown, or begins with it where that ends with …", async () => {
  const shown = BLOCKS.filter(({ info, code }) => info === "text" && code.startsWith("$ deno task "));
  assert(shown.length > 2);
  // Hint: where the directory is missing, the output has its whole path, which differs by machine.
  const made = await makeStateDirectory();
  try {
    for (const { code } of shown) {
      const [, command, output] = /^\$ deno task (.+)\n([\s\S]*)$/.exec(code)!;
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "--quiet", ...command!.split(" ")],
        cwd: rootUrl,
        clearEnv: true,
        env: { NO_COLOR: "1", ...Object.fromEntries(KEPT.map((name) => [name, Deno.env.get(name) ?? ""])) },
      }).output();
      const printed = new TextDecoder().decode(stdout).trimEnd();
      const [, beginning] = /^([\s\S]*\n)…\n$/.exec(output!) ?? [];
      assertEquals(printed.slice(0, beginning?.length), beginning ?? output!.trimEnd(), command!);
    }
  } finally {
    if (made) await Deno.remove(made, { recursive: true });
  }
});

/** Creates the directory that the chain names, unless it is there; returns the highest directory that was created. */
async function makeStateDirectory(): Promise<URL | undefined> {
  const wanted = ["data/", "data/bootstrap/"].map((path) => new URL(path, rootUrl));
  const exists = (directory: URL) => Deno.stat(directory).then(() => true, () => false);
  const there = await Promise.all(wanted.map(exists));
  await Deno.mkdir(wanted[1]!, { recursive: true });
  return wanted[there.indexOf(false)];
}

for (const page of ["README.md", "src/core/README.md"]) {
  Deno.test(`the versions of the runtimes in ${page} are those that are tested`, () => {
    const text = Deno.readTextFileSync(new URL(page, rootUrl));
    const tested = (runtime: string) =>
      text.match(new RegExp(`^\\| ${runtime} +\\| ([^|]*?) +\\|`, "m"))?.[1]?.split(/, (?=\d)/);
    const minor = (version: string) => version.replace(/\.\d+$/, "");
    assertEquals(tested("Deno"), [Deno.version.deno]);
    assertEquals(tested("Bun"), [versions.bun]);
    assertEquals(tested("Node\\.js"), nodes.map((node) => minor(versions[node])));
    assertEquals(tested("Cloudflare Workers \\(workerd\\)"), [versions.workerd]);
    assertEquals(tested("Vercel's edge runtime"), [versions["edge-runtime"]]);
  });
}

Deno.test("the security page says that the release which this repository would publish gets fixes", () => {
  const text = Deno.readTextFileSync(new URL(".github/SECURITY.md", rootUrl));
  const minor = readManifest().version.replace(/\.\d+$/, ".x");
  assertEquals(/^\| (\d\S+) +\| yes, in the latest (\S+) \|$/m.exec(text)?.slice(1), [minor, minor]);
});

Deno.test("the README has about 250 lines, and never 280", () => {
  const lines = Deno.readTextFileSync(new URL("README.md", rootUrl)).split("\n").length - 1;
  assert(lines < 280, `${lines} lines`);
});

Deno.test("the page of the main entry point begins with the README's first program", () => {
  const comment = Deno.readTextFileSync(new URL("mod.ts", rootUrl)).replace(/^ \* ?/gm, "");
  assertEquals(/^```ts\n([\s\S]*?)^```$/m.exec(comment)?.[1], new Page("README.md").first("ts"));
});

Deno.test("the README's figures of speed and size are those of the benchmark and of the guide on Workers", () => {
  const read = (page: string) => Deno.readTextFileSync(new URL(page, rootUrl)).replace(/\s+/g, " ");
  const [, held, expiring, alone, token] =
    /on Node 24, (\d+ ns); (\d+ ns) where it can expire.* (\d+) KB after gzip for a Worker with `env`, (\d+) KB with `oauth2`/
      .exec(read("README.md")) ?? [];
  const results = read("tests/bench/RESULTS.md");
  const row = (name: string) => results.slice(results.indexOf(`| **${name}**`)).split(" | ")[3];
  assertStringIncludes(row("warm resolve, can't expire") ?? "", `(${held})`);
  assertStringIncludes(row("warm resolve, can expire") ?? "", `(${expiring})`);
  const sizes = [...read(".github/guides/cloudflare_workers.md").matchAll(/\| [^|]*`env`[^|]* \| (\d+) \|/g)];
  assertEquals(sizes.slice(0, 2).map(([, size]) => size), [alone, token]);
});
