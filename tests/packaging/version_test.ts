import { assertEquals, assertGreater } from "@std/assert";
import { parse } from "npm:yaml@^2.9.1";
import { VERSION } from "../../src/cli/version.ts";
import { readAction } from "../support/action/runner.ts";
import { root } from "../support/closed_network/root.ts";
import { readManifest } from "../support/packaging/manifest.ts";
import { markdownPages } from "../support/repository_files.ts";

const { version } = readManifest();
const read = (path: string) => Deno.readTextFileSync(root + path);

Deno.test("the version is the same wherever a user reads it", () => {
  const report: { body: readonly { id?: string; attributes: { placeholder?: string } }[] } = parse(
    read(".github/ISSUE_TEMPLATE/bug_report.yml"),
  );
  const [, newest] = /^## (\d+\.\d+\.\d+) \(/m.exec(read(".github/CHANGELOG.md")) ?? [];
  assertEquals({
    command: VERSION,
    changelog: newest,
    action: readAction().inputs.version?.default,
    report: report.body.find(({ id }) => id === "version")?.attributes.placeholder,
  }, { command: version, changelog: version, action: version, report: version });
});

Deno.test("the workflow that publishes takes the tag of this version, and no other", async (t) => {
  assertEquals(/^## (?:Unreleased|\d.*)$/m.exec(read(".github/CHANGELOG.md"))?.[0], "## Unreleased");
  const workflow: { jobs: { gate: { steps: readonly { name?: string; run?: string }[] } } } = parse(
    read(".github/workflows/publish.yml"),
  );
  const steps = workflow.jobs.gate.steps.filter(({ name, run }) => name !== undefined && run !== undefined);
  assertEquals(steps.length, 2);
  for (const { name, run } of steps) {
    await t.step(name!, async () => {
      const succeeds = async (tag: string) => {
        const { success } = await new Deno.Command("bash", {
          args: ["--noprofile", "--norc", "-eo", "pipefail", "-c", run!],
          cwd: root,
          env: { GITHUB_REF_NAME: tag },
        }).output();
        return success;
      };
      assertEquals([await succeeds(`v${version}`), await succeeds("v0.1.0"), await succeeds("v9.9.9")], [
        true,
        false,
        false,
      ]);
    });
  }
});

Deno.test("every page that names a version of this package or its action names this one", () => {
  const pages = markdownPages().filter((path) => path !== ".github/CHANGELOG.md");
  const named = pages.flatMap((page) =>
    [...read(page).matchAll(/alphaswarm\/credentials(?:[\w./-]*@|\/)[v^~]*(\d+\.\d+\.\d+)/g)].map(([text, found]) => ({
      page,
      text,
      found,
    }))
  );
  assertGreater(named.length, 0);
  assertEquals(named.filter(({ found }) => found !== version), []);
});
