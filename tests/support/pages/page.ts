import { rootUrl } from "../closed_network/root.ts";

/** A block of code on a page. */
export interface PageBlock {
  /** The title that it stands below, without its `#`. */
  readonly title: string;
  /** Its language, and what follows it in the line: `ts ignore`; empty if there is none. */
  readonly info: string;
  readonly code: string;
}

/** The row of a table on a page. */
interface PageRow {
  readonly title: string;
  readonly cells: readonly string[];
}

/** A Markdown page, whose code and tables a test runs or reads. */
export class Page {
  readonly text: string;
  /** The blocks of code, in their order. */
  readonly all: readonly PageBlock[];
  readonly #path: string;
  readonly #rows: readonly PageRow[];

  /**
   * Reads it.
   *
   * @param path Its path in the repository.
   */
  constructor(path: string) {
    this.#path = path;
    this.text = Deno.readTextFileSync(new URL(path, rootUrl));
    const [all, rows]: [PageBlock[], PageRow[]] = [[], []];
    let title = "";
    for (
      const [, heading, , info, code, row] of this.text.matchAll(
        /^#+ (.*)$|^( *)```(.*)\n([\s\S]*?)^\2```$|^\| (.*) \|$/gm,
      )
    ) {
      if (heading !== undefined) title = heading;
      if (code !== undefined) all.push({ title, info: info!, code });
      if (row !== undefined) rows.push({ title, cells: row.split(" | ").map((cell) => cell.trim()) });
    }
    this.all = all;
    this.#rows = rows;
  }

  /**
   * Returns the first block of a language.
   *
   * @throws {Error} If there is none.
   */
  first(info: string): string {
    return this.#found([this.all.find((block) => block.info === info)], info)[0];
  }

  /**
   * Returns the blocks of a language below a title. The language may have words after it: `ts ignore`.
   *
   * @throws {Error} If there is none.
   */
  blocks(title: string, info: string): readonly [string, ...string[]] {
    return this.#found(this.all.filter((block) => block.title === title && block.info === info), `${title}: ${info}`);
  }

  /**
   * Returns the program in TypeScript that has a text.
   *
   * @throws {Error} If not exactly one has it.
   */
  snippet(text: string): string {
    return this.#only(({ info, code }) => info.split(" ")[0] === "ts" && code.includes(text), text);
  }

  /**
   * Returns the block that is a file, whose path is in a comment in its first line.
   *
   * @throws {Error} If not exactly one block is that file.
   */
  file(path: string): string {
    return this.#only(({ code }) => /^(?:\/\/|#) (\S+)/.exec(code)?.[1] === path, path);
  }

  /**
   * Returns the cells of the table below a title, without its head.
   *
   * @throws {Error} If there is none.
   */
  rows(title: string): readonly (readonly string[])[] {
    const [head, ...rows] = this.#rows.filter((row) => row.title === title && !row.cells[0]!.startsWith("---"));
    if (!head) throw new Error(`Cannot find a table below "${title}" in ${this.#path}`);
    return rows.map(({ cells }) => cells);
  }

  #only(is: (block: PageBlock) => boolean, what: string): string {
    const found = this.all.filter(is);
    if (found.length !== 1) {
      throw new Error(`Expected one block with "${what}" in ${this.#path}, found ${found.length}`);
    }
    return found[0]!.code;
  }

  #found(blocks: readonly (PageBlock | undefined)[], what: string): readonly [string, ...string[]] {
    const [first, ...others] = blocks.flatMap((block) => block ? [block.code] : []);
    if (first === undefined) throw new Error(`Cannot find a block with "${what}" in ${this.#path}`);
    return [first, ...others];
  }
}

/**
 * Replaces what a page can only give an example of.
 *
 * @throws {Error} If the example is not there.
 */
export function replaced(code: string, example: string, value: string): string {
  if (!code.includes(example)) throw new Error(`The page has no ${example}`);
  return code.replaceAll(example, value);
}

/** Replaces several examples, each of which must be there. */
export function withValues(code: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((text, [example, value]) => replaced(text, example, value), code);
}

/** Returns a program of a page as a project has it whose packages are installed by npm. */
export function asInstalled(code: string): string {
  return code.replace(/from "npm:(@?[^"@]+)@[^"]+"/g, 'from "$1"');
}
