import { basename, dirname } from "node:path";

const COMPATIBILITY_DATE = "2026-04-01";
/** A Secrets Store as its bindings see it: remote calls to another Worker. */
const SECRETS = `import { WorkerEntrypoint } from "cloudflare:workers";
export class Secret extends WorkerEntrypoint { async get() { return "from a Secrets Store"; } }
export class Sealed extends WorkerEntrypoint { async get() { throw new Error("not-a-secret in a message"); } }
export default {};
`;
const SECRET_BINDINGS = [
  '(name = "CHECKS_SECRET", service = (name = "secrets", entrypoint = "Secret"))',
  '(name = "CHECKS_SEALED", service = (name = "secrets", entrypoint = "Sealed"))',
];

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
  Deno.writeTextFileSync(`${dirname(bundle)}/secrets.mjs`, SECRETS);
  const texts = Object.entries(bindings).map(([name, value]) => `(name = "${name}", text = "${value}")`);
  Deno.writeTextFileSync(
    path,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (
      name = "checks",
      worker = (
        modules = [(name = "${name}", esModule = embed "${name}")],
        bindings = ${list([...texts, ...SECRET_BINDINGS])},
        compatibilityDate = "${COMPATIBILITY_DATE}",
        compatibilityFlags = ${list(flags.map((flag) => `"${flag}"`))},
      ),
    ),
    (
      name = "secrets",
      worker = (
        modules = [(name = "secrets.mjs", esModule = embed "secrets.mjs")],
        compatibilityDate = "${COMPATIBILITY_DATE}",
      ),
    ),
  ],
);
`,
  );
  return path;
}
