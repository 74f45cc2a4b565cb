import type { DocumentedModule } from "./documentation.ts";

/** An example of a doc comment. */
export interface DocExample {
  /** What it is an example of, and where: `StoreSpec, A store of a record`. */
  readonly name: string;
  /** Its code. */
  readonly code: string;
  /** What its comments say that it prints: the arguments of each call. */
  readonly prints: readonly (readonly unknown[])[];
}

/**
 * Finds the examples whose comments show all that they print: each `console.log(…);` with a comment, at its end
 * or in the next line, that is JSON, or JSON values with commas.
 *
 * @param modules The entry points.
 * @returns Each example once, though several entry points may export what it is an example of.
 */
export function printingExamples(modules: readonly DocumentedModule[]): readonly DocExample[] {
  const found = new Map<string, DocExample>();
  for (const { module_doc, symbols } of modules) {
    const comments = [
      { name: "(module)", jsDoc: module_doc },
      ...symbols.flatMap(({ name, declarations }) => declarations.map(({ jsDoc }) => ({ name, jsDoc }))),
    ];
    for (const { name, jsDoc } of comments) {
      for (const { doc = "" } of (jsDoc?.tags ?? []).filter(({ kind }) => kind === "example")) {
        const [, title = "", code = ""] = /^((?!```)[^\n]*)\n*```ts\n([\s\S]*?)\n```/.exec(doc) ?? [];
        const prints = printsOf(code);
        if (prints) found.set(code, { name: `${name}, ${title}`, code, prints });
      }
    }
  }
  return [...found.values()];
}

function printsOf(code: string): DocExample["prints"] | undefined {
  const lines = code.split("\n");
  const prints = lines.flatMap((line, at) => {
    if (!line.includes("console.log(")) return [];
    const [, comment = / *\/\/ (.+)$/.exec(lines[at + 1] ?? "")?.[1]] = /\)[;,] \/\/ (.+)$/.exec(line) ?? [];
    return [parsed(comment)];
  });
  return prints.length > 0 && prints.every((each) => each !== undefined) ? prints : undefined;
}

function parsed(comment: string | undefined): readonly unknown[] | undefined {
  if (comment === undefined) return undefined;
  try {
    return JSON.parse(`[${comment}]`);
  } catch {
    return undefined;
  }
}
