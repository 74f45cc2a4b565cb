import { ChainError, type Problem } from "../chain/errors.ts";
import { correction } from "../chain/unknown_name.ts";
import type { Complain } from "../source/reader.ts";

/**
 * Runs what reports mistakes in a chain.
 *
 * @param run Does the work, and reports each mistake that it finds.
 * @returns What it returned.
 * @throws {ChainError} Lists every mistake that was reported.
 */
export function reporting<T>(run: (complain: Complain) => T): T {
  const problems: Problem[] = [];
  const result = run((path, message, unknown) => {
    problems.push({ path, message: message + (unknown ? correction(unknown) : "") });
  });
  if (problems.length > 0) throw new ChainError(problems);
  return result;
}
