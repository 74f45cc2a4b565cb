import { assertEquals, assertMatch } from "@std/assert";
import { makeProject, type Runtime } from "../support/packaging/project.ts";
import { DOCUMENT_PASSWORD, followPage, RESOLVE_DOCUMENT } from "../support/programs/follow_page.ts";
import { Page, replaced } from "../support/pages/page.ts";
import { startOpenBao } from "../support/servers/openbao.ts";
import { startPostgres } from "../support/servers/postgres.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startTokenReview } from "../support/servers/token_review.ts";
import { installClients } from "../support/share/engine_programs.ts";

const PAGE = new Page("src/stores/vault/README.md");
const RUNTIMES = ["node-26", "bun"] as const satisfies readonly Runtime[];
/** Registers a test of a section: on each runtime that is named, with a server of its own. */
function test(
  name: string,
  needs: readonly "postgres"[],
  runtimes: readonly Runtime[],
  run: (runtime: Runtime) => Promise<void>,
): void {
  serverTest(`the page on Vault is true: ${name}`, ["openbao", ...needs], async (t) => {
    for (const runtime of runtimes) await t.step(runtime, () => run(runtime));
  });
}

test("an AppRole reads a document with the policy that stands there", [], RUNTIMES, async (runtime) => {
  await using server = await startOpenBao();
  using project = await makeProject();
  const chain = PAGE.first("ts");
  project.write("chain.config.ts", chain);
  project.write("main.ts", RESOLVE_DOCUMENT);
  const [commands] = PAGE.blocks("A document, by AppRole", "sh");
  assertEquals(await followPage(server, project, runtime, commands), ["kv", "app", true]);
});

test(
  "a pool logs in as a user of its own, which is gone when it is closed",
  ["postgres"],
  RUNTIMES,
  async (runtime) => {
    await using server = await startOpenBao();
    await using postgres = await startPostgres();
    using project = await makeProject();
    Deno.symlinkSync(`${await installClients()}/pg`, `${project.directory}/node_modules/pg`);
    const [program] = PAGE.blocks("A user of a database", "ts");
    const { port, database } = postgres;
    const place = JSON.stringify({ host: "127.0.0.1", port, database });
    const options = `{ host: "db.example", port: 5432, database: "app", ssl: true }`;
    project.write("chain.config.ts", replaced(program, options, place).replace(/"npm:pg@[^"]+"/, '"pg"'));
    project.write(
      "main.ts",
      `import { close, whoAmI } from "./chain.config.ts";
    console.log(JSON.stringify((await whoAmI()).rows));
    await close();`,
    );
    const [roles] = PAGE.blocks("A user of a database", "sql");
    await postgres.sql(replaced(roles, "the value of $VAULT_DB_PASSWORD", DOCUMENT_PASSWORD));
    const [commands] = PAGE.blocks("A user of a database", "sh");
    const example = "db.example:5432/app?sslmode=verify-full";
    const run = replaced(commands, example, `127.0.0.1:${port}/${database}?sslmode=disable`);
    const rows = await followPage(server, project, runtime, run, { VAULT_DB_PASSWORD: DOCUMENT_PASSWORD });
    assertMatch(JSON.stringify(rows), /^\[\{"current_user":"v-approle-app-\w+-\d+"\}\]$/);
    assertEquals(await postgres.sql("SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%'"), "");
  },
);

test("a pod's token logs in by Kubernetes, and by the keys of the cluster alone", [], ["node-26"], async (runtime) => {
  const [chain] = PAGE.blocks("With a token of Kubernetes", "ts");
  const [kubernetes = "", jwt = ""] = PAGE.blocks("With a token of Kubernetes", "sh");
  await using cluster = await startTokenReview();
  using project = await makeProject();
  project.write("main.ts", RESOLVE_DOCUMENT);
  project.write("ca.pem", cluster.ca);
  project.write("keys.pem", cluster.keys);
  Deno.mkdirSync(`${project.directory}/pod`);
  project.write("pod/token", await cluster.token("vault"));
  const env = { POD_TOKEN_DIRECTORY: `${project.directory}/pod` };
  await using server = await startOpenBao();
  project.write("chain.config.ts", chain);
  const first = replaced(kubernetes, "https://kubernetes.example:6443", cluster.url);
  assertEquals(await followPage(server, project, runtime, first, env), ["kv", "app", true]);
  project.write("chain.config.ts", replaced(chain, `method: "kubernetes"`, `method: "jwt"`));
  assertEquals(await followPage(server, project, runtime, jwt, env), ["kv", "app", true]);
});

test("of several that mint into KV at once, one does", [], ["bun"], async (runtime) => {
  await using server = await startOpenBao();
  using project = await makeProject();
  const [program] = PAGE.blocks("Minting into KV", "ts");
  project.write("chain.config.ts", program);
  project.write(
    "main.ts",
    `import { bootstrap } from "./chain.config.ts";
    let minted = 0;
    const mint = async () => ({ client_id: "runtime", client_secret: \`not-a-secret-\${++minted}\` });
    const all = await Promise.all(Array.from({ length: 4 }, () => bootstrap(mint)));
    const secrets = new Set(all.map((each) => each.get("client_secret")));
    console.log(JSON.stringify([minted, secrets.size, all[0].source]));`,
  );
  const [commands] = PAGE.blocks("Minting into KV", "sh");
  assertEquals(await followPage(server, project, runtime, commands), [1, 1, "kv"]);
});
