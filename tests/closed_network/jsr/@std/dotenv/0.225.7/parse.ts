// deno-coverage-ignore-file
/**
 * A stand-in for `@std/dotenv/parse` where JSR is out of reach. Unlike the real one it expands nothing.
 *
 * @module
 */
import { parseEnv } from "node:util";

/**
 * Parses the text of a `.env` file.
 *
 * @param text The text of the file.
 * @returns The variables, by name.
 */
export function parse(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}
