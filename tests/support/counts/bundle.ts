import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleProgram } from "../bundle_program.ts";

const PROGRAM = fileURLToPath(new URL("../programs/count_operation.ts", import.meta.url));

/**
 * Bundles the program that runs the operations.
 *
 * @param tree The directory with the sources that are counted, with a slash at its end.
 * @param outfile The path of the bundle.
 */
export async function bundleOperations(tree: URL, outfile: string): Promise<void> {
  const text = JSON.stringify;
  const imported = (name: string, path: string) => {
    const module = fileURLToPath(new URL(path, tree));
    return existsSync(module) ? `import * as ${name} from ${text(module)};` : `const ${name} = {};`;
  };
  const contents = `${imported("core", "mod.ts")} ${imported("otel", "src/otel/mod.ts")}
    import { countOperation } from ${text(PROGRAM)};
    await countOperation({ ...core, ...otel });`;
  await bundleProgram({ stdin: { contents, resolveDir: fileURLToPath(tree) } }, outfile);
}
