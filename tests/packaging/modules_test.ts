import { assert, assertEquals } from "@std/assert";
import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
import { root, rootUrl } from "../support/closed_network/root.ts";
import { edgeBundleSize, stopBundling } from "../support/edge_bundle.ts";
import { installedPackage } from "../support/packaging/built_package.ts";
import { readManifest } from "../support/packaging/manifest.ts";
import { makeProject } from "../support/packaging/project.ts";
import { installRuntimes } from "../support/runtimes/install.ts";

/** What Node loads of the package, and which dependencies, for the main entry point, and after it for each other one. */
const LOADED: Readonly<Record<string, readonly string[]>> = {
  ".": [
    "mod.js",
    "src_core_chain.js",
    "src_core_engine.js",
    "src_core_runtime.js",
    "src_core_source.js",
    "src_stores.js",
  ],
  "./bootstrap": ["bootstrap.js"],
  "./cli": [
    "@valibot/to-json-schema",
    "bootstrap.js",
    "cli-table3",
    "cli.js",
    "report.js",
    "src_cli.js",
    "src_report.js",
    "valibot",
  ],
  "./report": ["@valibot/to-json-schema", "report.js", "src_report.js", "valibot"],
  "./hono": ["hono", "hono.js", "src_report.js"],
  "./testing": ["testing.js"],
  "./oauth2": ["oauth2.js", "oauth4webapi"],
  "./sts": ["sts.js"],
  "./vault": ["vault.js"],
  "./aws": ["aws.js", "aws4fetch"],
  "./exec": ["exec.js"],
  "./identity": ["identity.js"],
  "./otel": ["otel.js"],
  "./share": ["share.js"],
  "./dotenv": ["dotenv.js"],
  "./clients/aws": ["clients/aws.js", "src_clients.js"],
  "./clients/fetch": ["clients/fetch.js", "src_clients.js"],
  "./clients/iceberg": ["clients/iceberg.js", "src_clients.js"],
  "./clients/neo4j": ["clients/neo4j.js", "src_clients.js"],
  "./clients/postgres": ["clients/postgres.js", "src_clients.js"],
};

/** The modules with one word each, all of which that word uses. */
const INSEPARABLE = ["cli.js", "dotenv.js", "oauth2.js", "src_bootstrap_edit_text.js", "src_cli.js", "sts.js"];

/** Words whose bundles are compared, alone and together: some of each kind of module. */
const WORDS: readonly (readonly [entry: string, names: string])[] = [
  [".", "required"],
  [".", "denied"],
  [".", "defineStore"],
  [".", "token"],
  [".", "file"],
  [".", "getResolver"],
  [".", "defineChain, env, getResolver, required"],
  ["./bootstrap", "ensure"],
  ["./hono", "describeRoute"],
  ["./oauth2", "oauth2"],
  ["./report", "explain"],
  ["./report", "validateChain"],
  ["./sts", "sts"],
  ["./vault", "vaultLogin"],
  ["./vault", "vaultKv"],
  ["./vault", "vaultDynamic"],
  ["./aws", "secretsManager"],
  ["./aws", "parameterDocument"],
  ["./aws", "parameterStore"],
  ["./aws", "awsRuntime"],
  ["./identity", "githubActions"],
  ["./identity", "tokenFile"],
  ["./exec", "exec"],
  ["./exec", "credentialProcess"],
  ["./exec", "execCredential"],
  ["./otel", "instrument"],
  ["./share", "redis"],
  ["./testing", "testHost"],
  ["./clients/aws", "awsCredentials"],
  ["./clients/fetch", "credentialFetch"],
  ["./clients/iceberg", "icebergOptions"],
  ["./clients/postgres", "postgresPool"],
];

const { modules, dependencies, built } = await installedPackage();
const { name, exports } = readManifest();

/** A program that prints what is loaded by an import of the entry point that its argument names. */
const PRINT_LOADED = `import { registerHooks } from "node:module";
  let loaded = new Set();
  registerHooks({
    load(url, context, next) {
      const [, name, path] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(.*)/.exec(url) ?? [];
      if (name === "${name}") loaded.add(path);
      else if (${JSON.stringify(dependencies)}.includes(name)) loaded.add(name);
      return next(url, context);
    },
  });
  const [, , entry] = process.argv;
  if (entry !== "${name}") {
    await import("${name}");
    loaded = new Set();
  }
  await import(entry);
  console.log(JSON.stringify([...loaded].sort()));`;

Deno.test("an import loads one module for each folder that it needs, and no dependency before it is used", async (t) => {
  using project = await makeProject();
  project.write("loaded.mjs", PRINT_LOADED);
  assertEquals(Object.keys(LOADED), Object.keys(exports));
  for (const [entry, expected] of Object.entries(LOADED)) {
    await t.step(entry, async () => {
      const { out, err } = await project.run("node-24", ["loaded.mjs", name + entry.slice(1)]);
      assertEquals(err, "");
      assertEquals(JSON.parse(out), expected);
    });
  }
});

Deno.test("no code is in two modules of the package, where a class or a symbol would be two", () => {
  const sources = Object.values(built.modules).flat();
  assertEquals(sources.filter((source, at) => sources.indexOf(source) !== at), []);
  assert(sources.length > 100);
});

Deno.test("a bundler leaves out what is not used of a module with more than one word", async () => {
  try {
    const kept: string[] = [];
    for (const path of Object.keys(built.modules)) {
      const code = Deno.readTextFileSync(`${modules}/${name}/${path}`);
      const unused = code.replace(/^export \{[^}]*\}.*;$/gm, "");
      const { code: rest } = await esbuild.transform(unused, { format: "esm", treeShaking: true });
      if (!/^(?:(?:\/\/|import ).*\s*)*$/.test(rest)) kept.push(path);
    }
    assertEquals(kept.sort(), INSEPARABLE);
  } finally {
    await stopBundling();
  }
});

Deno.test("a bundle of a word from the package is as small as one from the sources", async (t) => {
  // Hint: the sources find their dependencies where the package's are, and jsonc-parser where the runtimes are.
  const nodePaths = [modules, await installRuntimes()];
  try {
    for (const [entry, names] of WORDS) {
      await t.step(`${entry} ${names}`, async () => {
        const bundle = (from: string, resolveDir: string) =>
          edgeBundleSize(`export { ${names} } from ${JSON.stringify(from)};`, { resolveDir, nodePaths });
        const ofSources = await bundle(fileURLToPath(new URL(exports[entry]!, rootUrl)), root);
        const ofPackage = await bundle(name + entry.slice(1), modules);
        assert(ofPackage <= ofSources * 1.02, `${ofPackage} bytes, of the sources ${ofSources}`);
      });
    }
  } finally {
    await stopBundling();
  }
});
