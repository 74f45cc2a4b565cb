import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";

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
  try {
    await esbuild.build({
      stdin: { contents, resolveDir: fileURLToPath(tree) },
      outfile,
      bundle: true,
      format: "esm",
      platform: "neutral",
      external: ["node:*"],
      target: "es2022",
      logLevel: "error",
    });
  } finally {
    await esbuild.stop();
  }
}
