import { parseAllDocuments } from "npm:yaml@^2.9.1";
import { rootUrl } from "../closed_network/root.ts";
import { replaced } from "../programs/page_blocks.ts";

/** A block of code on a page. */
interface Block {
  readonly info: string;
  readonly code: string;
}

/** A guide, whose blocks of code are files: the first line of each names its file in a comment. */
export class Guide {
  /** Its text. */
  readonly text: string;
  readonly #blocks: readonly Block[];

  /**
   * Reads it.
   *
   * @param name The name of its file in `.github/guides`.
   */
  constructor(name: string) {
    this.text = Deno.readTextFileSync(new URL(`.github/guides/${name}`, rootUrl));
    this.#blocks = [...this.text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)]
      .map(([, info, code]) => ({ info: info!, code: code! }));
  }

  /**
   * Returns a file of the guide as it stands there.
   *
   * @param path Its path, as its first line has it.
   * @throws {Error} If not exactly one block is that file.
   */
  file(path: string): string {
    const found = this.#blocks.filter(({ code }) => /^(?:\/\/|#) (\S+)/.exec(code)?.[1] === path);
    if (found.length !== 1) throw new Error(`Expected one block that is ${path}, found ${found.length}`);
    return found[0]!.code;
  }

  /** Returns the blocks of a language below a title. */
  blocks(title: string, language: string): readonly string[] {
    const section = this.text.split(/^#{2,3} /m).find((each) => each.startsWith(`${title}\n`)) ?? "";
    return [...section.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].filter(([, info]) => info === language)
      .map(([, , code]) => code!);
  }

  /** Returns the cells of the table below a title, without its head. */
  rows(title: string): readonly (readonly string[])[] {
    const section = this.text.split(/^#{2,3} /m).find((each) => each.startsWith(`${title}\n`)) ?? "";
    return [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row]) => row!.split(" | ").map((cell) => cell.trim()))
      .filter(([first]) => !first!.startsWith("---")).slice(1);
  }
}

/** Parses the documents of a YAML text; `version` is that of the parser that reads it. */
export function parseYaml(text: string, version: "1.1" | "1.2" = "1.2"): readonly unknown[] {
  return parseAllDocuments(text, { version }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS();
  });
}

/** Replaces texts that stand on a page only as an example; each must be there. */
export function withValues(code: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((text, [example, value]) => replaced(text, example, value), code);
}
