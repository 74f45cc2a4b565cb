/**
 * Runs the command-line client of a server.
 *
 * @param program The program.
 * @param args Its arguments, which other users can read.
 * @param env Variables, for secrets.
 * @returns What it printed.
 * @throws {Error} If it fails, with what it printed.
 */
export async function runClient(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], env, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot run "${program}": ${decoder.decode(stdout)}${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
