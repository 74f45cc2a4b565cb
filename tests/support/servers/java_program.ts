/** A program in one file of Java, whose input are properties. */
export interface JavaProgram {
  /** The path of Java. */
  readonly java: string;
  /** The directory of the jars that it uses. */
  readonly jars: string;
  /** Its source, with the class `Main`. */
  readonly source: string;
  /** Its arguments. */
  readonly args?: readonly string[];
}

/**
 * Runs a program with properties on its standard input.
 *
 * @param program The program.
 * @param properties The properties, by name.
 * @returns The lines that it printed.
 * @throws {Error} If it fails, with the start of its errors.
 */
export async function runJava(
  { java, jars, source, args = [] }: JavaProgram,
  properties: Readonly<Record<string, string>>,
): Promise<string[]> {
  const home = await Deno.makeTempDir({ prefix: "java-" });
  try {
    await Deno.writeTextFile(`${home}/Main.java`, source);
    const command = new Deno.Command(java, {
      args: ["-XX:TieredStopAtLevel=1", "-cp", `${jars}/*`, `${home}/Main.java`, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
    await new Blob(lines).stream().pipeTo(command.stdin);
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`The Java program failed: ${decoder.decode(stderr).slice(0, 2_048)}`);
    return decoder.decode(stdout).split("\n").filter((line) => line !== "");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
