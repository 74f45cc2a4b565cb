import * as esbuild from "npm:esbuild@^0.28.2";

/**
 * Bundles a program for a runtime that cannot run TypeScript; Node's own modules stay imports.
 *
 * @param input The module that it begins with: its file, or its text and where that imports from; and how packages are found.
 * @param outfile The path of the bundle.
 */
export async function bundleProgram(
  input: Pick<esbuild.BuildOptions, "entryPoints" | "stdin" | "nodePaths" | "mainFields" | "alias">,
  outfile: string,
): Promise<void> {
  try {
    await esbuild.build({
      ...input,
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
