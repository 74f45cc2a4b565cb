import { installOnce } from "../runtimes/install.ts";

/** The compilers that read the types, by the name of their npm package: an older one, and the one that is not in JavaScript. */
const VERSIONS = { typescript: "5.9.3", "typescript-7": "npm:typescript@7.0.2" } as const;

/** Returns the path of a compiler, which Node runs. */
export async function compilerPath(compiler: keyof typeof VERSIONS): Promise<string> {
  return `${await installOnce("typescript", VERSIONS)}/${compiler}/bin/tsc`;
}
