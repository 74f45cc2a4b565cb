/** A tag of a doc comment, such as `@example`. */
interface Tag {
  readonly kind: string;
  readonly doc?: string;
}

/** A doc comment. */
interface DocComment {
  readonly doc?: string;
  readonly tags?: readonly Tag[];
}

/** One declaration of an export, or a reference to where another entry point has it. */
interface Declaration {
  readonly kind?: string;
  readonly jsDoc?: DocComment;
  readonly def?: { readonly hasBody?: boolean };
}

/** An entry point, in the form of `deno doc --json`. */
export interface DocumentedModule {
  readonly module_doc?: DocComment;
  readonly symbols: readonly {
    readonly name: string;
    /** Where it is declared: several times for a function with overloads. */
    readonly declarations: readonly Declaration[];
  }[];
}

/** The categories by which an index groups what an entry point exports. */
export const CATEGORIES: readonly string[] = [
  "Chain",
  "Fields",
  "References",
  "Stores",
  "Writing a store",
  "Resolver",
  "Credential",
  "Errors",
  "Host",
  "Description",
  "Share",
  "Testing",
  "Reports",
  "Schemas",
  "Bootstrap",
  "Clients",
  "Route",
  "Telemetry",
  "Command line",
];

/**
 * Finds what the documentation of an entry point lacks. A function with overloads is described by its first one, whose
 * category the others have too, since an index lists each by its own. What another entry point exports too is described
 * where it is declared.
 *
 * @param module The entry point.
 * @returns Each as `name: what is wrong`.
 */
export function documentationGaps({ module_doc, symbols }: DocumentedModule): string[] {
  return [
    ...[...summaryGaps(module_doc), ...moduleExampleGaps(module_doc)].map((gap) => `(module): ${gap}`),
    ...symbols.filter(isDeclaredHere).flatMap(({ name, declarations }) => {
      const comments = declarations.filter(isShown).map(({ jsDoc }) => jsDoc);
      const gaps = [...summaryGaps(comments[0]), ...comments.flatMap(categoryGaps), ...exampleGaps(comments[0])];
      return [...new Set(gaps)].map((gap) => `${name}: ${gap}`);
    }),
  ];
}

function isDeclaredHere({ declarations }: { readonly declarations: readonly Declaration[] }): boolean {
  return !declarations.every(({ kind }) => kind === "reference");
}

/** Whether a page shows a declaration: all but the implementation of overloads. */
function isShown({ def }: Declaration, _: number, all: readonly Declaration[]): boolean {
  return all.length === 1 || !def?.hasBody;
}

function summaryGaps({ doc = "" }: DocComment = {}): string[] {
  const [summary = ""] = doc.split("\n\n");
  if (!summary.trim()) return ["no summary"];
  // Hint: a tag counts only at the start of a line.
  if (/ @[a-z]+/.test(summary)) return ["a tag within its summary"];
  return /[.:]\s*$/.test(summary) ? [] : ["a summary that is not a sentence"];
}

function categoryGaps(comment: DocComment = {}): string[] {
  const [category, ...others] = tagsOf(comment, "category");
  if (category === undefined) return ["no category"];
  return others.length === 0 && CATEGORIES.includes(category) ? [] : [`another category, ${category}`];
}

function exampleGaps(comment: DocComment = {}): string[] {
  const examples = tagsOf(comment, "example");
  if (examples.length === 0) return ["no example"];
  return examples.every((example) => /^(?!```)\S[^\n]*\n+```tsx?\b[\s\S]*\n```/.test(example))
    ? []
    : ["an example without a title, or without code"];
}

// Hint: code in the text comes first on a page, and may be followed by text.
function moduleExampleGaps(comment: DocComment = {}): string[] {
  return /^```tsx?$/m.test(comment.doc ?? "") ? [] : exampleGaps(comment);
}

function tagsOf({ tags = [] }: DocComment, kind: string): string[] {
  return tags.filter((tag) => tag.kind === kind).map(({ doc = "" }) => doc.trim());
}
