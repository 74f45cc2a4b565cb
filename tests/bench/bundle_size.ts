import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
import { rootUrl } from "../support/closed_network/root.ts";

const mod = fileURLToPath(new URL("mod.ts", rootUrl));

/** What an edge function imports of the package (the subject) and of each peer. */
const sources: Readonly<Record<string, string>> = {
  subject: `import { defineChain, env, getResolver } from ${JSON.stringify(mod)};
    export { defineChain, env, getResolver };`,
  "AWS fromEnv": `export { fromEnv } from "@aws-sdk/credential-provider-env";`,
  "unstorage overlay": `import { createStorage } from "unstorage";
    import overlay from "unstorage/drivers/overlay"; import memory from "unstorage/drivers/memory";
    export { createStorage, memory, overlay };`,
  "Effect Config": `import { Config, ConfigProvider, Effect } from "effect";
    export const load = (env) => Effect.runPromise(Config.all([Config.string("ID"), Config.string("SECRET")])
      .parse(ConfigProvider.fromUnknown(env)));`,
};

/**
 * Bundles and minifies what an edge function imports of the package and of each peer.
 *
 * @param modules The directory in which the peers are installed.
 * @returns The sizes in bytes after `gzip -9`, by name.
 */
export async function bundleSizes(modules: string): Promise<Readonly<Record<string, number>>> {
  const sizes: Record<string, number> = {};
  for (const [name, contents] of Object.entries(sources)) {
    const { outputFiles } = await esbuild.build({
      stdin: { contents, resolveDir: modules.replace(/\/node_modules$/, "") },
      bundle: true,
      minify: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: ["import", "worker", "browser"],
      external: ["node:*"],
      write: false,
      logLevel: "error",
    });
    sizes[name] = await gzipped(outputFiles[0]!.contents);
  }
  await esbuild.stop();
  return sizes;
}

async function gzipped(bytes: Uint8Array): Promise<number> {
  const gzip = new Deno.Command("gzip", { args: ["-9", "-n"], stdin: "piped", stdout: "piped" }).spawn();
  const writer = gzip.stdin.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  const { stdout } = await gzip.output();
  await written;
  return stdout.length;
}
