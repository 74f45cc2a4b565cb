import * as esbuild from "npm:esbuild@^0.28.2";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { rootUrl } from "../support/closed_network/root.ts";
import { readManifest } from "../support/packaging/manifest.ts";
import { makeProject, type Project, runtimes } from "../support/packaging/project.ts";
import { Page } from "../support/pages/page.ts";

/** The entry points that need files and processes; all others also run at the edge. */
const SYSTEM_ONLY = ["./cli"];

async function inProject(test: (project: Project) => Promise<void>): Promise<void> {
  using project = await makeProject();
  await test(project);
}

for (const runtime of runtimes) {
  Deno.test(`installed on ${runtime}, the README's first example resolves from the file, the environment or the default`, () =>
    inProject(async (project) => {
      const snippet = new Page("README.md").snippet('console.log(credential.source); // "file", "env" or "default"');
      project.write("first.ts", snippet);
      const program = runtime === "node-20" ? "first.mjs" : "first.ts";
      if (runtime === "node-20") project.write(program, await withoutTypes(snippet));
      assertEquals(await project.run(runtime, [program]), { code: 0, out: "default\n", err: "" });
      const seed = { POLARIS_CLIENT_ID: "root", POLARIS_CLIENT_SECRET: "not-a-secret" };
      assertEquals((await project.run(runtime, [program], seed)).out, "env\n");
      Deno.mkdirSync(`${project.directory}/data/bootstrap`, { recursive: true });
      project.write("data/bootstrap/polaris-principal.json", new Page("README.md").first("json"));
      assertEquals((await project.run(runtime, [program], seed)).out, "file\n");
      project.write("data/bootstrap/polaris-principal.json", '{"client_id":"runtime"}');
      const { code, err } = await project.run(runtime, [program], seed);
      assertEquals(code, 1);
      assertStringIncludes(err, "supply polaris-principal.json#client_secret");
    }));

  Deno.test(`installed on ${runtime}, every entry point loads and has the exports of this repository`, () =>
    inProject(async (project) => {
      const { name, exports } = readManifest();
      const entries = Object.keys(exports).map((entry) => name + entry.slice(1));
      project.write(
        "all.mjs",
        `const all = {};
        for (const entry of ${JSON.stringify(entries)}) all[entry] = Object.keys(await import(entry)).sort();
        console.log(JSON.stringify(all));`,
      );
      const { out, err } = await project.run(runtime, ["all.mjs"]);
      assertEquals(err, "");
      const expected: Record<string, string[]> = {};
      for (const [entry, path] of Object.entries(exports)) {
        expected[name + entry.slice(1)] = Object.keys(await import(new URL(path, rootUrl).href)).sort();
      }
      assertEquals(JSON.parse(out), expected);
    }));

  Deno.test(`two copies of the package on ${runtime} accept each other's chains, resolvers and errors`, () =>
    inProject(async (project) => {
      const copy = `${project.directory}/copy`;
      const copied = await new Deno.Command("cp", {
        args: ["-r", `${project.directory}/node_modules/@alphaswarm/credentials`, copy],
      }).output();
      assert(copied.success);
      project.write(
        "both.mjs",
        `import * as one from "@alphaswarm/credentials";
        import { explain } from "@alphaswarm/credentials/report";
        import * as other from "./copy/mod.js";
        const own = one.defineStore({ kind: "own", shape: one.variables, open: () => () => one.denied("sealed") });
        const chain = one.defineChain({
          stores: { own: own({ priority: 2, enabled: one.flag("OWN") }), env: one.env({ priority: 1 }) },
          credentials: { "db:basic": { fields: { user: one.required() }, from: { own: { prefix: "" }, env: { prefix: "DB_" } } } },
        });
        const on = other.createResolver(chain, { env: { OWN: "1", DB_USER: "reader" } });
        const off = other.createResolver(chain, { env: { DB_USER: "reader" } });
        const error = await on.resolve("db:basic").catch((error) => error);
        const { source } = await explain(off, "db:basic");
        console.log(one.env !== other.env, (await off.resolve("db:basic")).get("user"), error.code, source);`,
      );
      assertEquals(await project.run(runtime, ["both.mjs"]), { code: 0, out: "true reader denied env\n", err: "" });
    }));
}

const MINT = `import { createResolver, defineChain, file, required } from "@alphaswarm/credentials";
  import { ensure } from "@alphaswarm/credentials/bootstrap";
  const resolver = createResolver(defineChain({
    stores: { file: file({ priority: 1, directory: "state" }) },
    credentials: { "db:basic": { fields: { user: required() }, from: { file: "db.json" } } },
  }));
  const mint = () => { console.log("minting"); return { user: "minted" }; };
  console.log(await ensure(resolver, "db:basic", mint).then((found) => found.get("user"), ({ message }) => message));`;

for (const bundler of ["esbuild", "bun"] as const) {
  Deno.test(`a program that mints can be bundled for Node.js as ${bundler} does by default`, () =>
    inProject(async (project) => {
      project.write("mint.ts", MINT);
      if (bundler === "esbuild") await bundleFile(project, "mint.ts", { format: "esm" });
      else await project.run("bun", ["build", "--target=node", "--outfile=mint.mjs", "mint.ts"]);
      // Hint: where the program runs there is nothing but the bundle.
      Deno.removeSync(`${project.directory}/node_modules`, { recursive: true });
      assertEquals((await project.run("node-20", ["mint.mjs"])).out, "minting\nminted\n");
      assertEquals((await project.run("node-20", ["mint.mjs"])).out, "minted\n");
    }));
}

Deno.test("of the sources, as JSR has them, a program with the wrong form of jsonc-parser in its bundle is told so before it mints, and finds what is there", () =>
  inProject(async (project) => {
    const { name, exports } = readManifest();
    const alias = (entry: string) => [name + entry.slice(1), fileURLToPath(new URL(exports[entry]!, rootUrl))];
    const sources = { alias: Object.fromEntries([".", "./bootstrap"].map(alias)), nodePaths: [project.modules] };
    project.write("mint.ts", MINT);
    const run = async (mainFields?: string[]) => {
      await bundleFile(project, "mint.ts", { format: "esm", ...sources, ...(mainFields && { mainFields }) });
      return (await project.run("node-20", ["mint.mjs"])).out;
    };
    const message = 'Cannot ensure "db:basic": "file" is invalid: jsonc-parser cannot be loaded: ' +
      "install it, or bundle its ES module (--main-fields=module,main)\n";
    assertEquals(await run(), message);
    assertEquals(await run(["module", "main"]), "minting\nminted\n");
    assertEquals(await run(), "minted\n");
  }));

Deno.test("every entry point but the command line bundles without a Node.js module, and the core without any dependency", () =>
  inProject(async (project) => {
    const { name, exports } = readManifest();
    const entries = Object.keys(exports).filter((entry) => !SYSTEM_ONLY.includes(entry));
    assert(entries.length > 5);
    for (const entry of entries) {
      const inputs = await bundle(project, `export * from "${name + entry.slice(1)}";`);
      assert(inputs.length > 1, entry);
      if (entry === ".") assertEquals(inputs.filter((path) => !path.includes("@alphaswarm/credentials/")), ["<stdin>"]);
    }
  }));

/** Bundles a file of the project for Node.js. */
async function bundleFile(project: Project, name: string, options: esbuild.BuildOptions): Promise<void> {
  const [entry, outfile] = [name, name.replace(/\.ts$/, ".mjs")].map((each) => `${project.directory}/${each}`);
  try {
    await esbuild.build({ entryPoints: [entry!], outfile: outfile!, bundle: true, platform: "node", ...options });
  } finally {
    await esbuild.stop();
  }
}

/** Bundles a module for the edge, where a Node.js module is an error, and lists the files in the bundle. */
async function bundle(project: Project, contents: string): Promise<readonly string[]> {
  try {
    const { metafile } = await esbuild.build({
      stdin: { contents, resolveDir: project.directory },
      bundle: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      metafile: true,
      write: false,
      logLevel: "silent",
    });
    return Object.keys(metafile.inputs);
  } finally {
    await esbuild.stop();
  }
}

async function withoutTypes(code: string): Promise<string> {
  try {
    return (await esbuild.transform(code, { loader: "ts" })).code;
  } finally {
    await esbuild.stop();
  }
}
