import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Creates a check that runs in a temporary directory.
 *
 * @param check The check, which gets the path of the directory.
 * @returns The same check, with an empty directory that is removed afterwards.
 */
export function inDirectory(check: (directory: string) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const directory = mkdtempSync(join(tmpdir(), "checks-"));
    try {
      await check(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
}
