import { assert } from "@std/assert";
import { rootUrl } from "../closed_network/root.ts";

/** A page of the documentation, whose code a test runs. */
export class Page {
  readonly #text: string;

  /**
   * Reads it.
   *
   * @param path Its path in the repository.
   */
  constructor(path: string) {
    this.#text = Deno.readTextFileSync(new URL(path, rootUrl));
  }

  /** Returns the first block of a language on the page. */
  first(language: string): string {
    return blocksIn(this.#text, language)[0] ?? "";
  }

  /** Returns the blocks of code of a language, below a title. The language may have words after it: `ts ignore`. */
  blocks(title: string, language: string): readonly string[] {
    const section = this.#text.split(/^#{2,3} /m).find((each) => each.startsWith(`${title}\n`));
    return blocksIn(section ?? "", language);
  }
}

/** Replaces what a page can only give an example of. */
export function replaced(code: string, example: string, value: string): string {
  assert(code.includes(example), `the page has no ${example}`);
  return code.replaceAll(example, value);
}

function blocksIn(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w[\w ]*)\n([\s\S]*?)^```$/gm)].filter(([, each]) => each === language)
    .map(([, , code]) => code!);
}
