import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { root, rootUrl } from "../support/closed_network/root.ts";
import { readManifest } from "../support/packaging/manifest.ts";
import { schemaFiles } from "../support/schema_files.ts";

const STAND_INS = new URL("tests/support/closed_network/jsr/", rootUrl);
const { version } = readManifest();
const TARBALL = `alphaswarm-credentials-${version}.tgz`;

/** Runs the task of a release with a registry of JSR, into a directory that has a tarball of an earlier run. */
async function release(registry: string) {
  const directory = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${directory}/${TARBALL}`, "of an earlier run");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--quiet", "--allow-all", "tests/tasks/release.ts", directory],
    cwd: root,
    env: { JSR_URL: registry, DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  const decoder = new TextDecoder();
  return {
    result: { code, out: decoder.decode(stdout), err: decoder.decode(stderr) },
    directory,
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

/** Serves a package of JSR, which has the text of the stand-in in a module of its own. */
async function serveDotenv(): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const folder = new URL("@std/dotenv/", STAND_INS);
  const name = [...Deno.readDirSync(folder)].find(({ isDirectory }) => isDirectory)!.name;
  const modules = {
    "/parse.ts": 'export { parse } from "./text.ts";\n',
    "/text.ts": Deno.readTextFileSync(new URL(`${name}/parse.ts`, folder)),
  };
  const manifest: Record<string, unknown> = {};
  const files: Record<string, string> = { "/meta.json": JSON.stringify({ versions: { [name]: {} } }) };
  for (const [path, text] of Object.entries(modules)) {
    const bytes = new TextEncoder().encode(text);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    manifest[path] = { size: bytes.length, checksum: `sha256-${hash.toHex()}` };
    files[`/${name}${path}`] = text;
  }
  files[`/${name}_meta.json`] = JSON.stringify({ exports: { "./parse": "./parse.ts" }, manifest });
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    const body = files[new URL(url).pathname.slice("/@std/dotenv".length)];
    return new Response(body ?? null, { status: body === undefined ? 404 : 200 });
  });
}

Deno.test("a release with the stand-in for @std/dotenv is refused, wherever its files are, and leaves no tarball", async () => {
  const copy = Deno.makeTempDirSync();
  try {
    assert((await new Deno.Command("cp", { args: ["-r", `${STAND_INS.pathname}.`, copy] }).output()).success);
    for (const registry of [STAND_INS.href, `file://${copy}/`]) {
      using attempt = await release(registry);
      assertEquals(attempt.result, {
        code: 1,
        out: "",
        err: "Cannot release the package: @std/dotenv is a stand-in, from a file: " +
          "run this where JSR can be reached, and without JSR_URL\n",
      });
      assertEquals([...Deno.readDirSync(attempt.directory)], []);
    }
  } finally {
    Deno.removeSync(copy, { recursive: true });
  }
});

Deno.test("a release with @std/dotenv from a registry packs it, and prints where the tarball is", async () => {
  await using server = await serveDotenv();
  using attempt = await release(`http://127.0.0.1:${server.addr.port}/`);
  const { code, out, err } = attempt.result;
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, `${attempt.directory}/${TARBALL}\n`);
  assertMatch(out, /\n\d{3},\d{3} bytes, \d+ files\n$/);
  const tar = async (...args: readonly string[]) => {
    const { stdout } = await new Deno.Command("tar", { args: [...args] }).output();
    return new TextDecoder().decode(stdout);
  };
  assertStringIncludes(await tar("-xzOf", `${attempt.directory}/${TARBALL}`, "package/dotenv.js"), "parseEnv(text)");
  const listed = await tar("-tzf", `${attempt.directory}/${TARBALL}`);
  const files = listed.trim().split("\n").map((path) => path.slice("package/".length));
  assertEquals(files.filter((path) => !/\.d\.ts$|^src_/.test(path)).sort(), [
    "LICENSE",
    "README.md",
    "THIRD_PARTY_LICENSES.md",
    "aws.js",
    "bootstrap.js",
    "cli.js",
    "clients/aws.js",
    "clients/fetch.js",
    "clients/iceberg.js",
    "clients/neo4j.js",
    "clients/postgres.js",
    "dotenv.js",
    "exec.js",
    "hono.js",
    "identity.js",
    "mod.js",
    "oauth2.js",
    "otel.js",
    "package.json",
    "report.js",
    ...Object.keys(schemaFiles()).map((name) => `schemas/${name}`).sort(),
    "share.js",
    "sts.js",
    "testing.js",
    "vault.js",
  ]);
});
