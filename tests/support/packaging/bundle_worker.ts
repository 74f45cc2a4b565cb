import * as esbuild from "npm:esbuild@^0.28.2";
import type { Project } from "./project.ts";

/** Bundles a Worker of a project as the bundler of a user would; returns the path of the bundle, `worker.mjs`. */
export async function bundleWorker(project: Project, contents: string): Promise<string> {
  const outfile = `${project.directory}/worker.mjs`;
  try {
    await esbuild.build({
      stdin: { contents, loader: "ts", resolveDir: project.directory },
      outfile,
      bundle: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      logLevel: "error",
    });
    return outfile;
  } finally {
    await esbuild.stop();
  }
}
