/** How many of a file's lines ran. */
export interface FileCoverage {
  /** The file's path. */
  readonly path: string;
  /** The lines with code. */
  readonly lines: number;
  /** Those of them that ran. */
  readonly covered: number;
}

/**
 * Parses coverage in the lcov format.
 *
 * @param text What `deno coverage --lcov` printed.
 * @returns The files, in the same order.
 */
export function readLcov(text: string): FileCoverage[] {
  return text.split("end_of_record").flatMap((record) => {
    const path = /^SF:(.+)$/m.exec(record)?.[1];
    return path === undefined ? [] : [{ path, lines: total(record, "LF"), covered: total(record, "LH") }];
  });
}

/**
 * Adds up the line coverage of a folder.
 *
 * @param files The files.
 * @param folder The folder's path, with a slash at its end.
 * @returns The percentage of its lines that ran, or `undefined` if it has no file with lines.
 */
export function lineCoverage(files: readonly FileCoverage[], folder: string): number | undefined {
  const within = files.filter(({ path }) => path.startsWith(folder));
  const lines = within.reduce((sum, file) => sum + file.lines, 0);
  const covered = within.reduce((sum, file) => sum + file.covered, 0);
  return lines === 0 ? undefined : covered / lines * 100;
}

function total(record: string, name: "LF" | "LH"): number {
  return Number(new RegExp(`^${name}:(\\d+)$`, "m").exec(record)?.[1] ?? 0);
}
