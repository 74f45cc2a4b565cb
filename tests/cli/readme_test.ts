import { assertEquals, assertMatch } from "@std/assert";
import { Hono } from "hono";
import { createResolver, defineChain, env, required } from "../../mod.ts";
import { describeRoute } from "../../src/route/mod.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeDirectoryInside, testInDirectory } from "../support/fixtures/directory.ts";
import { writeProgram } from "../support/fixtures/programs.ts";
import { Page, replaced } from "../support/pages/page.ts";
import { bareEnvironment } from "../support/programs/run_cli.ts";

const CLI = new Page("src/cli/README.md");
const CLIENTS = new Page("src/clients/README.md");
const TOKEN = "obviously-fake.token";

/** Runs a block of a page in a shell, whose working directory is in the repository, with `deno` and stand-ins in `PATH`. */
async function runBlock(directory: string, code: string, cwd: string | URL, more: Record<string, string>) {
  writeProgram(directory, "deno", `exec '${Deno.execPath()}' "$@"`);
  const { code: status, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-eu", "-c", code],
    cwd,
    env: { ...bareEnvironment(), NO_COLOR: "1", ...more, PATH: `${directory}:${Deno.env.get("PATH")}` },
    clearEnv: true,
    stdin: "null",
  }).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(status, 0, out + err);
  return out;
}

/** Runs a block of a page whose commands write into a directory, and returns the documents there. */
async function persisted(directory: string, code: string): Promise<Record<string, unknown>> {
  const { path: cwd, remove } = makeDirectoryInside();
  const state = `${directory}/state`;
  try {
    Deno.writeTextFileSync(
      `${cwd}/principal.json`,
      '{"principal":{"name":"runtime"},"credentials":{"clientId":"fake-id","clientSecret":"fake-secret"}}',
    );
    // Hint: what MinIO's client prints; a slow test has the real one.
    writeProgram(
      directory,
      "mc",
      `[ "$1 $2 $3 $4" = "admin user svcacct add" ] && [ "$7" = --json ] || exit 1
echo '{"status":"success","accessKey":"fake-key","secretKey":"fake-secret","accountStatus":"on"}'`,
    );
    await runBlock(directory, code, cwd, { ALPHASWARM_BOOTSTRAP_STATE_DIR: state });
    return Object.fromEntries(
      [...Deno.readDirSync(state)].map(({ name }) => [name, JSON.parse(Deno.readTextFileSync(`${state}/${name}`))]),
    );
  } finally {
    remove();
  }
}

testInDirectory("the commands of the page with `persist` write what they are given", async (directory) => {
  const [commands] = CLI.blocks("`persist`", "sh");
  assertEquals(await persisted(directory, commands), {
    "minio-service-account.json": { accessKey: "fake-key", secretKey: "fake-secret" },
    "polaris-principal.json": {
      principal: { name: "runtime" },
      credentials: { clientId: "fake-id", clientSecret: "fake-secret" },
    },
  });
});

testInDirectory("the line of the clients' page that mints keys of S3 writes them", async (directory) => {
  const [line] = CLIENTS.blocks("Who gives the S3 keys", "sh");
  assertEquals(await persisted(directory, line), {
    "minio-service-account.json": { accessKey: "fake-key", secretKey: "fake-secret" },
  });
});

testInDirectory("the command of the page with `--url` prints the chain of another process", async (directory) => {
  const chain = defineChain({
    stores: { env: env({ priority: 1 }) },
    credentials: { "db:basic": { fields: { user: required() }, from: { env: { prefix: "DB_" } } } },
  });
  const resolver = createResolver(chain, { env: { DB_USER: "reader" } });
  await resolver.resolve("db:basic");
  const app = new Hono().route("/credentials", describeRoute(resolver, { auth: { token: TOKEN } }));
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
  const [command] = CLI.blocks("`describe`", "sh");
  const here = replaced(
    replaced(command, "https://app.example", `http://127.0.0.1:${server.addr.port}`),
    "jsr:@alphaswarm/credentials/cli",
    `--no-lock --quiet ${new URL("src/cli/mod.ts", rootUrl)}`,
  );
  const out = await runBlock(directory, here, rootUrl, { DESCRIBE_TOKEN: TOKEN });
  assertMatch(out, /^1 of 1 credential is available\n.*\n +ok +db:basic +env$/m);
});
