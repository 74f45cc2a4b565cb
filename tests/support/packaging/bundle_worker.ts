import * as esbuild from "npm:esbuild@^0.28.2";
import type { Project } from "./project.ts";

/**
 * Bundles a Worker of a project as the bundler of a user would.
 *
 * @param project The project.
 * @param contents The Worker's module.
 * @param external What is left to the runtime.
 * @returns The path of the bundle, `worker.mjs`.
 */
export async function bundleWorker(project: Project, contents: string, external: string[] = []): Promise<string> {
  const outfile = `${project.directory}/worker.mjs`;
  try {
    await esbuild.build({
      stdin: { contents, loader: "ts", resolveDir: project.directory },
      outfile,
      bundle: true,
      format: "esm",
      platform: "neutral",
      external,
      mainFields: ["module", "main"],
      logLevel: "error",
    });
    return outfile;
  } finally {
    await esbuild.stop();
  }
}
