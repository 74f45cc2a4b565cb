// deno-coverage-ignore-file
/**
 * A stand-in for `@std/dotenv/parse` where JSR is out of reach. Unlike the real one it expands nothing.
 *
 * @module
 */
/**
 * Parses the text of a `.env` file.
 *
 * @param text The text of the file.
 * @returns The variables, by name.
 */
export function parse(text: string): Record<string, string> {
  // Hint: the real one imports no module of a runtime's own, and so can be bundled for any.
  const { parseEnv } = process.getBuiltinModule("node:util");
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(text))) {
    // Hint: the real one prints what it ignores too.
    if (!/^[A-Za-z_]\w*$/.test(name)) console.warn(`Ignored the key "${name}"`);
    else if (value !== undefined) variables[name] = value;
  }
  return variables;
}
