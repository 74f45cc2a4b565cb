import { assertEquals } from "@std/assert";
import { makeProject } from "../support/packaging/project.ts";
import { followPage, RESOLVE_DOCUMENT } from "../support/programs/follow_page.ts";
import { Page, replaced } from "../support/pages/page.ts";
import { startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { startOpenBao } from "../support/servers/openbao.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startGithubRunner } from "../support/stand_ins/github_runner.ts";

serverTest("the page on identities is true: a job reads a document with the commands that stand there", [
  "openbao",
], async (t) => {
  const page = new Page("src/stores/identity/README.md");
  const [commands] = page.blocks("A job, at Vault or OpenBao", "sh");
  for (const runtime of ["node-26", "bun"] as const) {
    await t.step(runtime, async () => {
      await using server = await startOpenBao();
      await using issuer = await startJwtIssuer();
      await using runner = startGithubRunner(issuer);
      using project = await makeProject();
      project.write("chain.config.ts", page.first("ts"));
      project.write("main.ts", RESOLVE_DOCUMENT);
      const run = replaced(commands, "https://token.actions.githubusercontent.com", issuer.issuer);
      assertEquals(await followPage(server, project, runtime, run, runner.env), ["kv", "app", true]);
    });
  }
});
