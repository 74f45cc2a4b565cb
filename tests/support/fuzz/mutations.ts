import fc from "npm:fast-check@^4.10.2";

/** A change of a text: what it does, where (as a fraction of the text), and with what. */
interface Mutation {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly length: number;
  readonly inserted: string;
}

const KINDS = ["cut", "insert", "insert", "delete", "repeat", "replace", "flip", "move"] as const;

/** Characters and sequences that parsers stumble over. */
export const HOSTILE: readonly string[] = [
  "\0",
  "\uFFFD",
  "\uFEFF",
  "\r\n",
  "\r",
  "\n",
  "\u2028",
  "\u0085",
  "\u00A0",
  "\u200B",
  "\u202E",
  "\t",
  " ",
  "\x1b[31m",
  "\x7f",
  "\\",
  '"',
  "'",
  "`",
  "\\'",
  '\\"',
  "#",
  "=",
  ":",
  ",",
  "{",
  "}",
  "[",
  "]",
  "<",
  ">",
  "&",
  "]]>",
  "$",
  "${HOME}",
  "%00",
  "\\u0000",
  "\\uD800",
  "\\",
  "//",
  "/*",
  "..",
  "/",
  "~1",
  "😀",
  "é",
  "e\u0301",
  "1e999",
  "-0",
  "__proto__",
];

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat({ max: 1_000 }),
  length: fc.integer({ min: 1, max: 12 }),
  inserted: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...HOSTILE) },
    fc.string({ unit: "binary", maxLength: 3 }),
  ),
});

/** Texts with none to three changes; most have one. */
export function mutated(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const count = fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 3 }) },
  );
  const mutations = count.chain((length) => fc.array(mutation, { minLength: length, maxLength: length }));
  return fc.tuple(texts, mutations).map(([text, all]) => all.reduce(mutate, text));
}

function mutate(text: string, { kind, at, length, inserted }: Mutation): string {
  const start = Math.floor(text.length * at / 1_001);
  const [before, piece, after] = [text.slice(0, start), text.slice(start, start + length), text.slice(start + length)];
  switch (kind) {
    case "cut":
      return before;
    case "insert":
      return before + inserted + piece + after;
    case "delete":
      return before + after;
    case "repeat":
      return before + piece + piece + after;
    case "replace":
      return before + inserted + after;
    case "flip":
      return before + String.fromCharCode(piece.charCodeAt(0) ^ 1 << length % 8) + piece.slice(1) + after;
    case "move":
      return after + before + piece;
  }
}
