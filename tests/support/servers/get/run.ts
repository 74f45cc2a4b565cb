import { stripVTControlCharacters } from "node:util";

/**
 * Runs a program that gets a part of a server.
 *
 * @param what What it gets, for the message.
 * @param command The program and its arguments.
 * @param options More options of the command.
 * @throws {Error} If it fails, with the end of its output.
 */
export async function run(
  what: string,
  [program = "", ...args]: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<void> {
  const command = new Deno.Command(program, { ...options, args, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  if (success) return;
  const decoder = new TextDecoder();
  const output = `${decoder.decode(stdout)}\n${decoder.decode(stderr)}`.trim();
  throw new Error(`Cannot get ${what}: "${program}" failed: ${stripVTControlCharacters(output).slice(-2_048)}`);
}
