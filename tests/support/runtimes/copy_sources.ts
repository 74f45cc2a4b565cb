import { fileURLToPath } from "node:url";
import { rootUrl } from "../closed_network/root.ts";

const SOURCES = [
  "mod.ts",
  "src",
  "tests/support/fixtures/aws_chain.ts",
  "tests/support/fixtures/fake_jwt.ts",
  "tests/support/fixtures/vault_chain.ts",
  "tests/support/runtimes",
  "tests/support/stand_ins/listening.ts",
  "tests/support/stand_ins/vault.ts",
];

/**
 * Copies the sources next to their `node_modules`, as in a user's project: through `NODE_PATH` Bun finds only the main
 * entry point of a package.
 *
 * @param directory The directory to copy them to.
 * @param modules The `node_modules` folder with the package's dependencies.
 * @returns The copy's folder.
 */
export function copySources(directory: string, modules: string): string {
  const copy = `${directory}/sources`;
  for (const source of SOURCES) copyInto(fileURLToPath(new URL(source, rootUrl)), `${copy}/${source}`);
  Deno.symlinkSync(modules, `${copy}/node_modules`);
  return copy;
}

function copyInto(from: string, to: string): void {
  if (Deno.statSync(from).isFile) {
    Deno.mkdirSync(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    return Deno.copyFileSync(from, to);
  }
  for (const { name } of Deno.readDirSync(from)) copyInto(`${from}/${name}`, `${to}/${name}`);
}
