import { fileURLToPath } from "node:url";
import { rootUrl } from "../support/closed_network/root.ts";
import { edgeBundleSize, stopBundling } from "../support/edge_bundle.ts";
import type { Figures } from "./measure.ts";

/** The words of this package that an edge function imports. */
export const WORDS = "defineChain, env, getResolver, required";

const mod = fileURLToPath(new URL("mod.ts", rootUrl));

/** What an edge function imports of the package (the subject) and of each peer. */
const sources: Readonly<Record<string, string>> = {
  subject: `export { ${WORDS} } from ${JSON.stringify(mod)};`,
  "unstorage overlay": `import { createStorage } from "unstorage";
    import overlay from "unstorage/drivers/overlay"; import memory from "unstorage/drivers/memory";
    export { createStorage, memory, overlay };`,
  "AWS fromEnv": `export { fromEnv } from "@aws-sdk/credential-provider-env";`,
  "t3-env + valibot": `import { createEnv } from "@t3-oss/env-core"; import { nonEmpty, pipe, string } from "valibot";
    export const load = (runtimeEnv) => createEnv({
      server: { ID: pipe(string(), nonEmpty()), SECRET: pipe(string(), nonEmpty()) }, runtimeEnv });`,
  "Effect Config": `import { Config, ConfigProvider, Effect } from "effect";
    export const load = (env) => Effect.runPromise(Config.all([Config.String("ID"), Config.String("SECRET")])
      .parse(ConfigProvider.fromUnknown(env)));`,
};

/**
 * Bundles and minifies what an edge function imports of the package and of each peer.
 *
 * @param modules The directory in which the peers are installed.
 * @returns The bytes after `gzip -9`.
 */
export async function bundleSizes(modules: string): Promise<Figures> {
  const sizes: Record<string, { bytes: number }> = {};
  for (const [name, contents] of Object.entries(sources)) {
    sizes[name] = { bytes: await edgeBundleSize(contents, { resolveDir: modules.replace(/\/node_modules$/, "") }) };
  }
  await stopBundling();
  return sizes;
}
