import { fileURLToPath } from "node:url";
import { rootUrl } from "../closed_network/root.ts";

const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
const CACHE = fileURLToPath(new URL(".cache/maven/", rootUrl));

/** Whether Maven and Java are installed, and how to install them. */
export interface JavaInstalled {
  /** Whether all programs are installed. */
  readonly installed: boolean;
  /** The programs that are missing. */
  readonly missing: readonly string[];
  /** The command that installs them. */
  readonly install: string;
}

/** An artifact of Maven Central. */
export interface Artifact {
  /** Its group id. */
  readonly group: string;
  /** Its artifact id. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
}

/**
 * Checks whether Maven and a Java Development Kit are installed.
 *
 * @param path The directories to search, as in `PATH`.
 * @returns Whether they are installed, what is missing, and the command that installs it.
 */
export function javaInstalled(path: string = Deno.env.get("PATH") ?? ""): JavaInstalled {
  const has = (program: string): boolean => path.split(":").some((folder) => exists(`${folder}/${program}`));
  const missing = ["java", "javac", "mvn"].filter((program) => !has(program));
  const install = "apt-get install --no-install-recommends maven default-jdk-headless";
  return { installed: missing.length === 0, missing, install };
}

/**
 * Downloads an artifact with its dependencies, unless an earlier run did.
 *
 * @param artifact The artifact.
 * @returns The directory of the jars.
 * @throws {Error} If Maven fails.
 */
export async function mavenJars(artifact: Artifact): Promise<string> {
  const { name, version } = artifact;
  const jars = `${CACHE}${name}-${version}`;
  if (exists(jars)) return jars;
  await Deno.mkdir(CACHE, { recursive: true });
  // Hint: concurrent runs download to directories of their own, so that the final directory is always complete.
  const partial = await Deno.makeTempDir({ dir: CACHE, prefix: "partial-" });
  try {
    await Deno.writeTextFile(`${partial}/pom.xml`, project(artifact));
    const { success, stdout } = await new Deno.Command("mvn", {
      args: ["--quiet", "--batch-mode", `${PLUGIN}:copy-dependencies`, "-DoutputDirectory=jars"],
      cwd: partial,
      stdin: "null",
    }).output();
    if (!success) {
      throw new Error(`Cannot install "${name}": ${new TextDecoder().decode(stdout).trim().slice(0, 2_048)}`);
    }
    if (!exists(jars)) await Deno.rename(`${partial}/jars`, jars);
  } finally {
    await Deno.remove(partial, { recursive: true });
  }
  return jars;
}

function project({ group, name, version }: Artifact): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>alphaswarm</groupId>
  <artifactId>tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
