/** A token of a module in TypeScript or JavaScript. */
export interface Token {
  /** A name (keywords and numbers too), a text without expressions in it, or a mark such as `{`. */
  readonly kind: "name" | "text" | "mark";
  /** The name, what the text says, or the mark. */
  readonly value: string;
  /** Where it begins. */
  readonly at: number;
  /** The marks that are open there, from the outside. */
  readonly open: string;
}

const BLANK = /\s+|\/\/.*|\/\*[^]*?(?:\*\/|$)/y;
const NAME = /[\p{ID_Continue}$]+/uy;
const TEXT = /"(?:\\[^]?|[^"\\\n])*"?|'(?:\\[^]?|[^'\\\n])*'?/y;
const TEMPLATE = /(?:\\[^]?|\$(?!\{)|[^`\\$])*(`|\$\{|$)/y;
const PATTERN = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/y;
const CLOSED_BY: Readonly<Record<string, string>> = { "}": "{", "]": "[", ")": "(" };

// Hint: each token stores the marks around it, so a text of nothing but opening marks would use up the memory.
const MAX_DEPTH = 500;

/** Splits the text of a module into its tokens, without comments and regular expressions; it ends where they nest too deep. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let open = "";
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const template = (begin: number, isWhole: boolean) => {
    const from = at;
    const [, end = ""] = take(TEMPLATE) ?? [];
    if (end === "${") open += "$";
    else if (isWhole) {
      tokens.push({ kind: "text", value: unescaped(source.slice(from, at - end.length)), at: begin, open });
    }
  };
  while (at < source.length && open.length < MAX_DEPTH) {
    if (take(BLANK)) continue;
    const begin = at;
    const text = take(TEXT)?.[0];
    const name = text === undefined ? take(NAME)?.[0] : undefined;
    if (text !== undefined) {
      const value = unescaped(text.slice(1, text.length > 1 && text.at(-1) === text[0] ? -1 : undefined));
      tokens.push({ kind: "text", value, at: begin, open });
    } else if (name !== undefined) tokens.push({ kind: "name", value: name, at: begin, open });
    else if (source[at] !== "/" || !isValueExpected(tokens.at(-1)) || !take(PATTERN)) {
      const value = source[at++]!;
      if (value === "`") template(begin, true);
      else if (value === "}" && open.endsWith("$")) {
        open = open.slice(0, -1);
        template(begin, false);
      } else {
        if (CLOSED_BY[value] !== undefined && open.endsWith(CLOSED_BY[value])) open = open.slice(0, -1);
        tokens.push({ kind: "mark", value, at: begin, open });
        if ("{[(".includes(value)) open += value;
      }
    }
  }
  return tokens;
}

// Hint: after a value, "/" divides.
function isValueExpected(before: Token | undefined): boolean {
  if (!before) return true;
  if (before.kind === "name") return /^(return|typeof|case|in|of|void|await|yield)$/.test(before.value);
  return before.kind === "mark" && !")]}".includes(before.value);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v", 0: "\0" };

function unescaped(text: string): string {
  return text.replaceAll(
    /\\(?:u\{([\da-f]{1,6})\}|u([\da-f]{4})|x([\da-f]{2})|(\r\n|[^]))/gi,
    (_, long?: string, short?: string, byte?: string, mark = "") => {
      const code = Number.parseInt(long ?? short ?? byte ?? "", 16);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      return /^[\r\n]/.test(mark) ? "" : ESCAPES[mark] ?? mark;
    },
  );
}
