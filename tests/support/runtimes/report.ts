import { concealedSecrets } from "./secrets.ts";
import type { Checks } from "./table.ts";

const CHECK_TIMEOUT_MS = 10_000;
const MARK = "RUNTIME CHECKS ";

/** The results of the checks on one runtime. */
export interface Report {
  /** How many checks passed. */
  readonly passed: number;
  /** The name of every check that failed, and its error. */
  readonly failures: readonly { readonly name: string; readonly error: string }[];
  /** The values that must not be in the output, as `countSecrets` takes them. */
  readonly concealed: readonly string[];
}

/**
 * Runs checks one after the other, and prints one line that {@linkcode readReport} finds.
 *
 * @param checks The checks, by name.
 */
export async function printReport(checks: Checks): Promise<void> {
  const failures: { name: string; error: string }[] = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      await withTimeout(check);
    } catch (error) {
      failures.push({ name, error: describe(error) });
    }
  }
  const passed = Object.keys(checks).length - failures.length;
  const report: Report = { passed, failures, concealed: concealedSecrets() };
  console.log(MARK + JSON.stringify(report));
}

/**
 * Finds the report in what a runtime printed.
 *
 * @param output Its output.
 * @returns The report, or `undefined` if the runtime did not print it.
 */
export function readReport(output: string): Report | undefined {
  const line = output.split("\n").findLast((line) => line.startsWith(MARK));
  return line === undefined ? undefined : JSON.parse(line.slice(MARK.length));
}

async function withTimeout(check: () => void | Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot finish within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), late]);
  } finally {
    clearTimeout(timer);
  }
}

// An error of another realm, as in the edge runtime, is not an instance of this realm's Error.
function describe(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { name, message, stack } = error as Partial<Error>;
  const first = `${name}: ${message}`;
  return stack?.startsWith(first) ? stack : `${first}\n${stack ?? ""}`.trimEnd();
}
