/** What a line has that dotenv parsers read differently or only dotenvx can decrypt, and how to write it instead. */
export type Problem = readonly [found: string, fix: string];

const IN_QUOTES = "put the value in single quotes";
const OTHER_QUOTES = "put the value in quotes of the other kind";

/** A line that is not `NAME=value`. */
export const NOT_ASSIGNMENT: Problem = [
  "a line that parsers read differently",
  "write NAME=value with a name of letters, digits and underscores",
];
/** A text that some parsers take for the value of an assignment on the line before. */
export const CONTINUED: Problem = [NOT_ASSIGNMENT[0], "write NAME=value on one line"];
/** A name with two values. */
export const ASSIGNED_TWICE: Problem = ["a second value for a name", "assign each name once"];
/** A quote whose end is missing or uncertain. */
export const UNCLOSED: Problem = ["a quote that is not closed", `close it, or ${OTHER_QUOTES}`];
/** A text after a quoted value. */
export const AFTER_QUOTE: Problem = [
  "text after a closing quote",
  "put the whole value in quotes, and a space before a comment",
];
/** A quote with a backslash before it, within a quoted value. */
export const ESCAPED_QUOTE: Problem = ["a backslash before a quote", OTHER_QUOTES];
/** A backtick in place of a quote, or in a value without quotes. */
export const BACKTICK: Problem = ["a backtick outside quotes", IN_QUOTES];
/** A line break other than a line feed. */
export const LINE_BREAK: Problem = ["a line break that parsers read differently", "end every line with a line feed"];
/** A control character, or a space of another kind at an end of a value. */
export const INVISIBLE: Problem = ["an invisible character", "remove it"];

type Check = readonly [pattern: RegExp, problem: Problem];

// Hint: before its base64 text, ECIES puts a public key, a nonce and a tag, which are at least 65 bytes.
/** A value that dotenvx encrypted. */
const ENCRYPTED: Check = [
  /^\s*encrypted:[A-Za-z\d+/]{86,}={0,2}\s*$/,
  [
    "a value that dotenvx encrypted",
    'decrypt the file with dotenvx, or start the program with "dotenvx run" and read its variables with env',
  ],
];
const CONTROL: Check = [/[^\P{Cc}\t\r\n]/u, INVISIBLE];
const BREAK: Check = [/^\n|\n$|\r/, [LINE_BREAK[0], "write it as \\n in double quotes"]];

/** What a value without quotes may not have. */
export const UNQUOTED: readonly Check[] = [
  [/^\s*-----BEGIN /, ["a value over several lines without quotes", "put it in double quotes"]],
  [/['"]/, ["a quote in a value without quotes", OTHER_QUOTES]],
  [/`/, BACKTICK],
  [/\\/, ["a backslash in a value without quotes", IN_QUOTES]],
  [/#/, ["a # without a space before it", `${IN_QUOTES}, or a space before a comment`]],
  [/^[ \t]*[^\S \t\r]|[^\S \t\r][ \t\r]*$/, INVISIBLE],
  CONTROL,
  ENCRYPTED,
];
/** What a value in single quotes may not have. */
export const SINGLE_QUOTED: readonly Check[] = [
  BREAK,
  CONTROL,
  [/\\\\/, ["two backslashes in a row", "keep the value in a file of its own"]],
  ENCRYPTED,
];
/** What a value in double quotes may not have. */
export const DOUBLE_QUOTED: readonly Check[] = [
  BREAK,
  CONTROL,
  [/\\(?!n)/, ["a backslash in double quotes that is not \\n", IN_QUOTES]],
  ENCRYPTED,
];
