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
  const contents = `import * as subject from ${text(fileURLToPath(new URL("mod.ts", tree)))};
    import { countOperation } from ${text(PROGRAM)};
    await countOperation(subject);`;
  await bundleProgram({ stdin: { contents, resolveDir: fileURLToPath(tree) } }, outfile);
}
