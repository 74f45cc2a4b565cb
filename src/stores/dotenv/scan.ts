import { invalid, type Refusal } from "../../core/chain/outcome.ts";
import { ASSIGNED_TWICE, CONTINUED, INVISIBLE, LINE_BREAK, type Problem } from "./problems.ts";
import { ANY_TEXT, QUOTED_TEXT, readStatement } from "./statement.ts";

type Entry = string | Refusal;

/** The assignments of a dotenv file: by name, its value, or why it is refused. */
export type Assignments = ReadonlyMap<string, Entry>;

/**
 * Finds the assignments of a dotenv file. A value that dotenv parsers read differently is refused; if they differ about
 * the line at which the next statement begins, the whole file is refused.
 */
export function scan(text: string, file: string): Assignments | Refusal {
  const refuse = (index: number, [found, fix]: Problem, options?: { transient: true }) =>
    invalid(`${file} has ${found} at line ${index + 1}: ${fix}`, options);
  const stray = /\r(?!\n|$)|[\u2028\u2029]/.exec(text);
  if (stray) return refuse(text.slice(0, stray.index).split("\n").length - 1, LINE_BREAK);

  const lines = text.replace(/^\uFEFF/, "").split("\n");
  const found = new Map<string, Entry>();
  let continuation: RegExp | undefined;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    if (continuation?.test(line)) return refuse(index, CONTINUED);
    if (/^\s*$/.test(line)) {
      if (continuation === ANY_TEXT) continuation = QUOTED_TEXT;
      continue;
    }
    continuation = undefined;
    if (/^[ \t]*#/.test(line)) continue;
    // Hint: some parsers take such a line for a name, whose value may continue below.
    if (/^\s*#/.test(line)) return refuse(index, INVISIBLE);

    const statement = readStatement(lines, index);
    const { names, problem, end } = statement;
    if (statement.hasUncertainEnd && end > index) {
      // Hint: a file that ends within quotes may be in the middle of being written.
      return refuse(index, problem!, end === lines.length ? { transient: true } : undefined);
    }
    const entry = problem ? refuse(index, problem) : statement.text;
    for (const name of names) {
      found.set(name, merged(found.get(name), entry, () => refuse(index, ASSIGNED_TWICE)));
    }
    continuation = statement.continuation;
    index = end;
  }
  return found;
}

function merged(before: Entry | undefined, entry: Entry, twice: () => Refusal): Entry {
  if (before === undefined) return entry;
  if (typeof before !== "string") return before;
  return typeof entry !== "string" || before === entry ? entry : twice();
}
