import {
  AFTER_QUOTE,
  BACKTICK,
  DOUBLE_QUOTED,
  ESCAPED_QUOTE,
  INVISIBLE,
  NOT_ASSIGNMENT,
  type Problem,
  SINGLE_QUOTED,
  UNCLOSED,
  UNQUOTED,
} from "./problems.ts";

/** A line of a dotenv file that is neither blank nor a comment, with the lines that its quotes span. */
export interface Statement extends Value {
  /** The names that some parser could assign to. */
  readonly names: readonly string[];
}

interface Value {
  readonly text: string;
  /** The index of its last line. */
  readonly end: number;
  readonly problem?: Problem | undefined;
  /** Whether parsers could differ about where it ends. */
  readonly hasUncertainEnd?: boolean;
  /** What some parsers would read as its value on a later line. */
  readonly continuation?: RegExp | undefined;
}

const NAME = /^[ \t]*(?:export +)?([A-Za-z_]\w*)[ \t]*=/;
const YAML_NAME = /^\s*(?:export\s+)?[\w.-]+:(?=\s|$)/;
const KEY = /^[\s=]*[^=]*/;
const FIRST_WORD = /^\s*(?:export\s+)?\S*/;

/** What some parsers take for the value of a name that has none on its line. */
export const QUOTED_TEXT = /^\s*['"`]/;
/** What some parsers take for the value of a name on the line before that ends in a colon. */
export const ANY_TEXT = /^\s*[^\s#]/;

/** Reads the statement that begins at a line. */
export function readStatement(lines: readonly string[], index: number): Statement {
  const line = lines[index]!;
  const plain = NAME.exec(line);
  if (plain) return { ...readValue(lines, index, plain[0].length), names: [plain[1]!] };
  const from = YAML_NAME.exec(line)?.[0].length ?? line.indexOf("=") + 1;
  if (from === 0) {
    return { names: words(FIRST_WORD.exec(line)![0]), text: "", end: index, problem: NOT_ASSIGNMENT };
  }
  const value = readValue(lines, index, from);
  return { ...value, names: words(KEY.exec(line)![0]), problem: NOT_ASSIGNMENT, hasUncertainEnd: true };
}

function words(text: string): string[] {
  return [text.trim(), ...text.match(/[\w.-]+/g) ?? []];
}

function readValue(lines: readonly string[], index: number, from: number): Value {
  const line = lines[index]!;
  const text = line.slice(from);
  const start = text.trimStart();
  if (QUOTED_TEXT.test(start)) return quotedValue(lines, index, line.length - start.length, from);
  const comment = text.search(/[ \t]#/);
  const value = comment < 0 ? text : text.slice(0, comment);
  const nextLine = line[from - 1] === ":" && !/^[ \t]/.test(text);
  return {
    text: value.trim(),
    end: index,
    problem: UNQUOTED.find(([pattern]) => pattern.test(value))?.[1],
    continuation: start ? undefined : nextLine ? ANY_TEXT : QUOTED_TEXT,
  };
}

function quotedValue(lines: readonly string[], index: number, open: number, from: number): Value {
  const line = lines[index]!;
  const quote = line[open]!;
  let end = index;
  let close = closingQuote(line, quote, open + 1);
  while (close < 0) {
    if (++end === lines.length) return { text: "", end, problem: UNCLOSED, hasUncertainEnd: true };
    close = closingQuote(lines[end]!, quote, 0);
  }
  const rest = lines[end]!.slice(close);
  const text = lines.slice(index, end + 1).join("\n").slice(open + 1, -rest.length);
  const problem = quote === "`"
    ? BACKTICK
    : text.includes(`\\${quote}`)
    ? ESCAPED_QUOTE
    : /[^ \t]/.test(line.slice(from, open))
    ? INVISIBLE
    : /^.([ \t]*\r?$|[ \t]+#)/.test(rest)
    ? undefined
    : end > index
    ? UNCLOSED
    : AFTER_QUOTE;
  const checks = quote === '"' ? DOUBLE_QUOTED : SINGLE_QUOTED;
  return {
    text: quote === '"' ? text.replaceAll("\\n", "\n") : text,
    end,
    problem: problem ?? checks.find(([pattern]) => pattern.test(text))?.[1],
    hasUncertainEnd: problem !== undefined,
  };
}

function closingQuote(line: string, quote: string, from: number): number {
  let at = line.indexOf(quote, from);
  while (at > 0 && line[at - 1] === "\\") at = line.indexOf(quote, at + 1);
  return at;
}
