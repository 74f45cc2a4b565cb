import { type RuntimeName, runtimeNames } from "./bars.ts";

/** What to measure and where the figures go. */
export interface Options {
  readonly rows: readonly string[];
  readonly runtimes: readonly RuntimeName[];
  /** Whether few rounds are enough. */
  readonly quick: boolean;
  /** Whether the figures that are kept, their page and their chart are renewed. */
  readonly write: boolean;
  /** Whether the page and the chart of the figures that are kept are renewed, and nothing is measured. */
  readonly redraw: boolean;
}

const FLAGS: readonly string[] = ["--quick", "--write", "--redraw"];

/**
 * Reads the arguments of the benchmark.
 *
 * @param args The arguments.
 * @param rows The names of all rows.
 * @throws {Error} If an argument is unknown, or if two do not go together.
 */
export function parseOptions(args: readonly string[], rows: readonly string[]): Options {
  const flags = args.filter((arg) => arg.startsWith("-"));
  const named = args.filter((arg) => !arg.startsWith("-"));
  for (const name of named) if (!rows.includes(name)) throw unknown("row", name, rows);
  const value = (flag: string) => flags.findLast((each) => each.startsWith(`${flag}=`))?.slice(flag.length + 1);
  for (const flag of flags) {
    if (!FLAGS.includes(flag) && !flag.startsWith("--runtime=")) {
      throw unknown("option", flag, [...FLAGS, `--runtime=${runtimeNames.join(",")}`]);
    }
  }
  const chosen = value("--runtime")?.split(",");
  for (const name of chosen ?? []) {
    if (!(runtimeNames as readonly string[]).includes(name)) throw unknown("runtime", name, runtimeNames);
  }
  const [quick, write, redraw] = FLAGS.map((flag) => flags.includes(flag)) as [boolean, boolean, boolean];
  if (redraw && args.length > 1) throw new Error("Cannot measure and redraw: expected --redraw alone");
  if (write && (quick || named.length > 0 || chosen)) {
    throw new Error(
      "Cannot write the results: expected all rows on all runtimes with all rounds, without other arguments",
    );
  }
  return {
    rows: named.length > 0 ? rows.filter((name) => named.includes(name)) : rows,
    runtimes: chosen ? runtimeNames.filter((name) => chosen.includes(name)) : runtimeNames,
    quick,
    write,
    redraw,
  };
}

function unknown(what: string, name: string, there: readonly string[]): Error {
  return new Error(`Cannot find the ${what} "${name}": the ${what}s are ${there.join(", ")}`);
}
