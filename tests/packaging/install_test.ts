import { assert, assertEquals, assertMatch } from "@std/assert";
import { installedPackage } from "../support/packaging/built_package.ts";
import { readManifest } from "../support/packaging/manifest.ts";
import { installRuntimes, type Node } from "../support/runtimes/install.ts";

const CHAIN = `import { defineChain, env, required } from "@alphaswarm/credentials";
export default defineChain({
  stores: { env: env({ priority: 100 }) },
  credentials: { "db:basic": { fields: { user: required() }, from: { env: { prefix: "DB_" } } } },
});
`;

const decoder = new TextDecoder();

/** Installs the tarball with npm in a directory of its own, as a user does, with the newest dependencies that fit. */
async function installed(test: (run: (node: Node, args: readonly string[]) => Promise<string>) => Promise<void>) {
  const { tarball } = await installedPackage();
  const runtimes = await installRuntimes();
  const directory = Deno.makeTempDirSync({ prefix: "installed_" });
  const run = async (node: Node, [program = "", ...args]: readonly string[]) => {
    const { code, stdout, stderr } = await new Deno.Command("env", {
      args: [program, ...args],
      cwd: directory,
      env: { PATH: `${runtimes}/${node}/bin:${Deno.env.get("PATH")}`, DB_USER: "reader" },
      stdin: "null",
    }).output();
    assertEquals([code, decoder.decode(stderr)], [0, ""]);
    return decoder.decode(stdout);
  };
  try {
    Deno.writeTextFileSync(`${directory}/package.json`, JSON.stringify({ private: true, type: "module" }));
    Deno.writeTextFileSync(`${directory}/chain.config.mjs`, CHAIN);
    const { success, stderr } = await new Deno.Command("npm", {
      args: [
        "install",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
        "--prefer-offline",
        tarball,
      ],
      cwd: directory,
      stdin: "null",
    }).output();
    assert(success, decoder.decode(stderr));
    await test(run);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

Deno.test("npm installs the package with all that it needs, and its command line as a program", () =>
  installed(async (run) => {
    const { name, exports, version } = readManifest();
    const entries = Object.keys(exports).map((entry) => name + entry.slice(1));
    const program = `const loaded = await Promise.all(${JSON.stringify(entries)}.map((entry) => import(entry)));
      const json = async (path) => (await import("${name}/" + path, { with: { type: "json" } })).default;
      const [{ version }, { $id }] = await Promise.all([json("package.json"), json("schemas/check.v1.json")]);
      console.log(loaded.length, version, $id.split("/").at(-1));`;
    for (const node of ["node-20", "node-26"] as const) {
      const args = ["--no-warnings", "--input-type=module", "--eval", program];
      assertEquals(await run(node, ["node", ...args]), `${entries.length} ${version} check.v1.json\n`);
      const described = await run(node, ["npx", "--no", name, "describe", "--fields", "--config", "chain.config.mjs"]);
      assertMatch(described, /ok +db:basic +env$/m);
      assertMatch(described, /^ {2}db:basic +user$/m);
    }
  }));

Deno.test("the manifest of the package has the dependencies that its code imports, in the ranges of this repository", async () => {
  const { modules } = await installedPackage();
  const { name, version, license, exports, imports } = readManifest();
  const manifest = JSON.parse(Deno.readTextFileSync(`${modules}/${name}/package.json`));
  assertEquals([manifest.name, manifest.version, manifest.license], [name, version, license]);
  assertEquals([manifest.type, manifest.sideEffects], ["module", false]);
  assertEquals(Object.keys(manifest.exports), [...Object.keys(exports), "./schemas/*.json", "./package.json"]);
  // Hint: @std/dotenv and jsonc-parser are part of the package.
  const names = [
    "@hono/node-server",
    "@valibot/to-json-schema",
    "aws4fetch",
    "cli-table3",
    "fast-xml-parser",
    "hono",
    "oauth4webapi",
    "valibot",
  ];
  const ranges = names.map((each) => [each, imports[each]!.slice(`npm:${each}@`.length)]);
  assertEquals(manifest.dependencies, Object.fromEntries(ranges));
  const licenses = Deno.readTextFileSync(`${modules}/${name}/THIRD_PARTY_LICENSES.md`);
  assertEquals(licenses.match(/^Copyright .*$/gim)?.length, 2);
});
