import * as esbuild from "npm:esbuild@^0.28.2";
import { readJsrModules } from "../closed_network/jsr_modules.ts";
import type { Network } from "../closed_network/network.ts";
import { rootUrl } from "../closed_network/root.ts";
import { readSchemaFiles } from "../schema_files.ts";
import { BUNDLED, bundleModules, CLI, entryName, installJsonc } from "./bundle_modules.ts";
import { writeDeclarations } from "./declarations.ts";
import { type Manifest, readManifest } from "./manifest.ts";

// Hint: below these, `process.getBuiltinModule` is missing, and with it every file.
const ENGINES = { node: "^20.16.0 || >=22.3.0" };
const REPOSITORY = "https://github.com/alphaswarm/credentials";
const KEYWORDS = [
  "credentials",
  "secrets",
  "oauth2",
  "vault",
  "openbao",
  "aws",
  "sts",
  "dotenv",
  "kubernetes",
  "workers",
];
const SCHEMA_FILES = "./schemas/*.json";
const LICENSES = "THIRD_PARTY_LICENSES.md";

/** What is known of a built package. */
export interface Built {
  /** The sources whose code is in each module, by the module's path. */
  readonly modules: Readonly<Record<string, readonly string[]>>;
  /** Where the text of `@std/dotenv` came from: URLs of a registry, or of the files of a stand-in. */
  readonly dotenv: readonly string[];
}

/**
 * Builds the npm package: modules, their types, and a manifest with the entry points of `deno.json`.
 *
 * @param network How Deno finds the packages of JSR.
 * @param directory The directory to write it to.
 * @returns What is known of it.
 * @throws {Error} If it cannot be built.
 */
export async function buildPackage(network: Network, directory: string): Promise<Built> {
  const manifest = readManifest();
  const dotenv = await readJsrModules(network, BUNDLED.dotenv);
  const write = (path: string, text: string) => {
    Deno.mkdirSync(`${directory}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${directory}/${path}`, text);
  };
  try {
    const modules = await bundleModules(manifest, dotenv);
    const declarations = writeDeclarations(Object.values(manifest.exports).map((path) => path.slice(2)));
    for (const [path, { code }] of modules) write(path, code);
    for (const [path, { text }] of declarations) write(path, text);
    const imported = [...modules.values(), ...declarations.values()].flatMap(({ packages }) => packages);
    write("package.json", JSON.stringify(npmManifest(manifest, new Set(imported)), null, 2) + "\n");
    for (const path of ["README.md", "LICENSE"]) write(path, Deno.readTextFileSync(new URL(path, rootUrl)));
    for (const [name, text] of Object.entries(readSchemaFiles())) write(`schemas/${name}`, text);
    write(LICENSES, await thirdPartyLicenses());
    return {
      modules: Object.fromEntries([...modules].map(([path, { sources }]) => [path, sources])),
      dotenv: [...dotenv.texts.keys()],
    };
  } finally {
    await esbuild.stop();
  }
}

// Hint: a stand-in is only ever read from files, and a package of a registry never is.
/** Whether a stand-in for `@std/dotenv` is part of a built package. */
export function hasStandIn({ dotenv }: Built): boolean {
  return !dotenv.every((url) => /^https?:/.test(url));
}

function npmManifest(manifest: Manifest, imported: ReadonlySet<string>): object {
  const { name, version, license, imports } = manifest;
  const entries = Object.entries(manifest.exports).map(([entry, path]) => {
    return [entry, { types: path.replace(/\.ts$/, ".d.ts"), default: `./${entryName(entry)}.js` }];
  });
  return {
    name,
    version,
    description: "One place that answers where a service's credential comes from, on every JavaScript runtime",
    keywords: KEYWORDS,
    license,
    homepage: `${REPOSITORY}#readme`,
    bugs: `${REPOSITORY}/issues`,
    repository: { type: "git", url: `git+${REPOSITORY}.git` },
    type: "module",
    sideEffects: false,
    engines: ENGINES,
    exports: { ...Object.fromEntries(entries), [SCHEMA_FILES]: SCHEMA_FILES, "./package.json": "./package.json" },
    bin: { credentials: CLI },
    dependencies: Object.fromEntries(
      [...imported].sort().map((name) => [name, imports[name]!.replace(`npm:${name}@`, "")]),
    ),
  };
}

async function thirdPartyLicenses(): Promise<string> {
  const jsonc = Deno.readTextFileSync(`${await installJsonc()}/LICENSE.md`);
  // Hint: a package on JSR need not have its licence's text with it. It is that of this package.
  const mit = Deno.readTextFileSync(new URL("LICENSE", rootUrl));
  const std = mit.replace(/^Copyright .*$/m, "Copyright 2018-2026 the Deno authors");
  return `# @std/dotenv\n\n${std}\n# jsonc-parser\n\n${jsonc}`;
}
