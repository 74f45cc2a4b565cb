import { basename, dirname } from "node:path";

const COMPATIBILITY_DATE = "2026-04-01";

/**
 * Writes the configuration with which `workerd test` runs a bundle, beside the bundle.
 *
 * @param bundle The path of the bundle, a module that exports `test()`.
 * @param flags The compatibility flags.
 * @param bindings The Worker's text bindings.
 * @returns The configuration's path.
 */
export function writeWorkerdConfig(bundle: string, flags: readonly string[], bindings: Record<string, string>): string {
  const path = `${dirname(bundle)}/${["worker", ...flags].join("_")}.capnp`;
  const name = basename(bundle);
  const list = (items: readonly string[]) => `[${items.join(", ")}]`;
  const texts = Object.entries(bindings).map(([name, value]) => `(name = "${name}", text = "${value}")`);
  Deno.writeTextFileSync(
    path,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(
    name = "checks",
    worker = (
      modules = [(name = "${name}", esModule = embed "${name}")],
      bindings = ${list(texts)},
      compatibilityDate = "${COMPATIBILITY_DATE}",
      compatibilityFlags = ${list(flags.map((flag) => `"${flag}"`))},
    ),
  )],
);
`,
  );
  return path;
}
