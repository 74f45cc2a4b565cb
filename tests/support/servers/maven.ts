import { fileURLToPath } from "node:url";
import { rootUrl } from "../closed_network/root.ts";

const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
const CACHE = fileURLToPath(new URL(".cache/maven/", rootUrl));

/** What is there to run a server of Maven Central's with, and how the rest comes. */
export interface JavaInstalled {
  /** Whether everything is there. */
  readonly installed: boolean;
  /** The programs that are missing. */
  readonly missing: readonly string[];
  /** The command that installs them. */
  readonly install: string;
}

/** A library or server of Maven Central's. */
export interface Artifact {
  /** Its group. */
  readonly group: string;
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
}

/**
 * Says whether there is Maven, which brings a server, and a Java Development Kit, which runs it.
 *
 * @param path The directories to look in, as in `PATH`.
 * @returns What is there, what is missing, and what would install it.
 */
export function javaInstalled(path: string = Deno.env.get("PATH") ?? ""): JavaInstalled {
  const has = (program: string): boolean => path.split(":").some((folder) => exists(`${folder}/${program}`));
  const missing = ["java", "javac", "mvn"].filter((program) => !has(program));
  const install = "apt-get install --no-install-recommends maven default-jdk-headless";
  return { installed: missing.length === 0, missing, install };
}

/**
 * Has Maven bring an artifact with everything that it needs, unless an earlier run did.
 *
 * @param artifact The artifact.
 * @returns The folder of its jars.
 * @throws {Error} If Maven fails.
 */
export async function mavenJars(artifact: Artifact): Promise<string> {
  const { name, version } = artifact;
  const jars = `${CACHE}${name}-${version}`;
  if (exists(jars)) return jars;
  await Deno.mkdir(CACHE, { recursive: true });
  // Whoever installs at the same time does so elsewhere, and a folder that has its name is complete.
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
