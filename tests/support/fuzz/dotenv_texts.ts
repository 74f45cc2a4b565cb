import fc from "npm:fast-check@^4.10.2";
import type { Marker } from "./marker.ts";

/** One statement of a dotenv file, and what it assigns. */
export interface Statement {
  readonly text: string;
  readonly name?: string;
  readonly value?: string;
}

/** The names that are asked for, and those that only look like them. */
const ASKED = ["DB_USER", "DB_WORD", "DB_NOTE"] as const;
const OTHERS = ["DB_USER_FILE", "OTHER", "db_user", "DB_USERS", "DB_USER", "DB_WORD"] as const;
const NO_ASSIGNMENT = ["", "", "  ", "\t", "# comment", "#DB_USER=commented", " # DB_WORD='open", "#`"];
const PLAIN = ["", "a b", "p@ss/w0rd-_.", "=b==", "$HOME", "${DB_WORD}", "a;b,c:d", "%41+%20", "0123", "é😀"];
const IN_QUOTES = [
  "",
  " ",
  "#no comment",
  " edge ",
  "a=b",
  "-----BEGIN-----\nbm90\n-----END-----",
  "x\nDB_USER=inner\ny",
];

/** Statements that assign to this name, or to one of some others. */
function statements({ text: secret }: Marker, names: readonly string[]): fc.Arbitrary<Statement> {
  const plain = fc.constantFrom(...PLAIN).map((each) => `${secret}${each}`.trim());
  const quotable = fc.constantFrom(...IN_QUOTES).map((each) => `${each}${secret}${each}`);
  const unquoted = fc.oneof({ weight: 8, arbitrary: plain }, fc.constantFrom(...PLAIN))
    .map((value) => [value, value] as const);
  const single = quotable.map((value) => [`'${value}'`, value] as const);
  const double = quotable.map((value) => [`"${value}"`, value] as const);
  const escaped = quotable.map((value) => [`"${value.replaceAll("\n", "\\n")}"`, value] as const);
  const assignment = fc.record({
    name: fc.constantFrom(...names),
    written: fc.oneof(unquoted, unquoted, single, double, escaped),
    export: fc.constantFrom("", "", "", "export ", " ", "\t"),
    equals: fc.constantFrom("=", "=", "= ", " = ", "\t="),
    after: fc.constantFrom("", "", " ", " # comment", "\t# DB_USER=x"),
  }).map(({ name, written: [source, value], export: lead, equals, after }) => ({
    text: lead + name + equals + source + after,
    name,
    value,
  }));
  return fc.oneof(
    { weight: 12, arbitrary: assignment },
    { weight: 1, arbitrary: fc.constantFrom(...NO_ASSIGNMENT).map((text) => ({ text })) },
  );
}

/** Files of statements that every parser reads alike, as long as no name has two values. */
export function cleanFiles(marker: Marker): fc.Arbitrary<readonly Statement[]> {
  const asked = fc.tuple(...ASKED.map((name) => statements(marker, [name])));
  const others = fc.array(statements(marker, OTHERS), { maxLength: 3 });
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(asked, fc.array(statements(marker, ["OTHER", "db_user"]), { maxLength: 3 })) },
    { weight: 1, arbitrary: fc.tuple(asked, others) },
    { weight: 1, arbitrary: fc.tuple(fc.constant([]), others) },
  ).chain((all) => fc.shuffledSubarray<Statement>(all.flat(), { minLength: all.flat().length }));
}

/** Returns the text of a file, with these line breaks. */
export function fileOf(all: readonly Statement[], lineBreak = "\n"): string {
  return all.map(({ text }) => text).join(lineBreak);
}

/** Returns the values of each name. */
export function valuesOf(all: readonly Statement[]): ReadonlyMap<string, ReadonlySet<string>> {
  const values = new Map<string, Set<string>>();
  for (const { name, value } of all) {
    if (name !== undefined) values.set(name, (values.get(name) ?? new Set()).add(value!));
  }
  return values;
}
