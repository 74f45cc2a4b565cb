/** The commands of README.md, .github/CONTRIBUTING.md and tests/README.md, and what every shell block of a page names. */
import { assert, assertEquals } from "@std/assert";
import { rootUrl } from "./support/closed_network/root.ts";
import { readManifest } from "./support/packaging/manifest.ts";
import { Page } from "./support/pages/page.ts";
import { markdownPages } from "./support/repository_files.ts";
import { engines, scenes } from "./support/scenes/scenes.ts";

const SCRIPTS = markdownPages().flatMap((page) =>
  new Page(page).all.filter(({ info }) => /^(?:sh|bash)\b/.test(info)).map(({ code }) => ({ page, code }))
);
const TASKS = Object.keys(JSON.parse(Deno.readTextFileSync(new URL("deno.json", rootUrl))).tasks);

Deno.test("every shell block of a page is a script that a shell can parse", async () => {
  assert(SCRIPTS.length > 10);
  for (const { page, code } of SCRIPTS) {
    const { success, stderr } = await new Deno.Command("bash", { args: ["-n", "-c", code] }).output();
    assert(success, `${page}: ${new TextDecoder().decode(stderr)}`);
  }
});

Deno.test("the tasks, the test files and the entry points that a page's commands name are there", () => {
  const { name, exports } = readManifest();
  let named = 0;
  for (const { page, code } of SCRIPTS) {
    for (const [, task] of code.matchAll(/\bdeno task (?:--quiet )?([\w:]+)/g)) {
      assert(TASKS.includes(task!), `${page}: there is no task ${task}`);
      named++;
    }
    for (const [path] of code.matchAll(/\btests\/[\w/.]+\.ts\b/g)) {
      assert(Deno.statSync(new URL(path, rootUrl)).isFile, `${page}: ${path}`);
      named++;
    }
    for (const [, found, entry] of code.matchAll(/(@alphaswarm\/[\w-]+)(\/[\w/]+)?/g)) {
      assertEquals(found, name, page);
      assert(Object.hasOwn(exports, `.${entry ?? ""}`), `${page}: there is no entry point ${entry}`);
      named++;
    }
  }
  assert(named > 10);
});

Deno.test("the scenes and engines of a fleet that the tests' page plays by hand are there", () => {
  const [code] = new Page("tests/README.md").blocks("Scenes of a fleet", "sh");
  const [, engine = ""] = /SCENES_ENGINE=(\w+)/.exec(code) ?? [];
  const [, names = ""] = /SCENES="(.*)"/.exec(code) ?? [];
  assert(Object.hasOwn(engines, engine), engine);
  assertEquals(names.split(",").filter((name) => !Object.hasOwn(scenes, name)), []);
});
