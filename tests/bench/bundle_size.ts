import { fileURLToPath } from "node:url";
import { rootUrl } from "../support/closed_network/root.ts";
import { edgeBundleSize, stopBundling } from "../support/edge_bundle.ts";

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
    sizes[name] = await edgeBundleSize(contents, { resolveDir: modules.replace(/\/node_modules$/, "") });
  }
  await stopBundling();
  return sizes;
}
