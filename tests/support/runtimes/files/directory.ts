import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes a check that has a directory of its own.
 *
 * @param check The check.
 * @returns The same check, with an empty directory that is gone afterwards.
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
