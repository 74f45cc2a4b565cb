import { type Token, tokensOf } from "./module_tokens.ts";

/** A store or a credential of a chain. */
export interface Part {
  readonly section: "stores" | "credentials";
  readonly name: string;
}

/**
 * Reads the path of a finding or a problem.
 *
 * @param path Such as `credentials["polaris:oauth"].from.vault`.
 * @returns The part of the chain that it begins with; `undefined` if it is about the whole chain.
 */
export function partOf(path: string): Part | undefined {
  const [, section, plain, quoted] = /^(stores|credentials)(?:\.([^.[]+)|\["([^]*?)"\](?=[.[]|$))/.exec(path) ?? [];
  const name = plain ?? quoted;
  return name === undefined ? undefined : { section: section as Part["section"], name };
}

/**
 * Returns a function that finds where a part of a chain is declared.
 *
 * @param text The text of the chain's module.
 * @returns The function, which returns the line's number from 1; it returns 1 if the text does not contain the part's
 * name, since a function created the part.
 */
export function lineFinder(text: string): (part: Part | undefined) => number {
  const tokens = tokensOf(text);
  const members = tokens.flatMap((_, at) => memberAt(tokens, at));
  const sections = sectionsOf(tokens);
  return (part) => {
    if (!part) return 1;
    const named = members.filter(({ value }) => value === part.name);
    const declared = named.findLast((token) => sections.some((section) => isEntry(token, section, part.section)));
    const found = declared ?? shallowest(named.filter(({ isShort }) => !isShort)) ??
      tokens.find(({ kind, value }) => kind === "text" && value === part.name);
    return text.slice(0, found?.at ?? 0).split("\n").length;
  };
}

/** The value of a member or a variable with the name of a section of a chain. */
interface Section {
  readonly name: string;
  readonly open: string;
  readonly begin: number;
  readonly end: number;
}

function sectionsOf(tokens: readonly Token[]): readonly Section[] {
  const sections: Section[] = [];
  const unfinished: Omit<Section, "end">[] = [];
  const finish = (end: number) => sections.push({ ...unfinished.pop()!, end });
  tokens.forEach((token, at) => {
    while (unfinished.length > 0 && isEnd(token, unfinished.at(-1)!.open)) finish(token.at);
    const { value: name, at: begin, open } = token;
    if (/^(stores|credentials)$/.test(name) && isMark(tokens[at + 1], ":=")) unfinished.push({ name, open, begin });
  });
  while (unfinished.length > 0) finish(Infinity);
  return sections;
}

/** Whether a value ends before a token, given the marks that are open around the value. */
function isEnd(token: Token, open: string): boolean {
  return token.open.length < open.length || token.open === open && isMark(token, ",;}])");
}

interface Member extends Token {
  /** Whether it is a shorthand, which names its value too; an imported name looks the same. */
  readonly isShort: boolean;
}

/** Returns the member of an object that a token names, if it names one. */
function memberAt(tokens: readonly Token[], at: number): readonly Member[] {
  const token = tokens[at]!;
  const isComputed = token.kind === "text" && tokens[at - 1]?.value === "[" && tokens[at + 1]?.value === "]";
  const [before, after] = isComputed ? [tokens[at - 2], tokens[at + 2]] : [tokens[at - 1], tokens[at + 1]];
  const open = isComputed ? token.open.slice(0, -1) : token.open;
  return token.kind !== "mark" && open.endsWith("{") && isMark(before, "{,") && isMark(after, ":,}(")
    ? [{ ...token, open, isShort: isMark(after, ",}") }]
    : [];
}

function isMark(token: Token | undefined, marks: string): boolean {
  return token?.kind === "mark" && marks.includes(token.value);
}

/** Whether a member belongs to the object of a section itself, not to one within it. */
function isEntry({ at, open }: Member, section: Section, name: string): boolean {
  return section.name === name && section.begin < at && at < section.end &&
    open.slice(section.open.length).replaceAll(/[^{]/g, "") === "{";
}

function shallowest(members: readonly Member[]): Member | undefined {
  return members.toSorted((one, other) => one.open.length - other.open.length)[0];
}
