const { Deno: deno, process } = globalThis as { Deno?: typeof Deno; process?: { readonly argv: readonly string[] } };

/** The arguments of this program, on Deno, Bun or Node. */
export const programArgs: readonly string[] = deno?.args ?? process!.argv.slice(2);
