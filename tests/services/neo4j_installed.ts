import { fileURLToPath } from "node:url";

/** The version of Neo4j: the last line of 5 runs on the Java 17 of Debian 12. */
const VERSION = "5.26.30";
const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
const CACHE = fileURLToPath(new URL("../../.cache/neo4j/", import.meta.url));

/** What is there to run Neo4j with, and how the rest comes. */
export interface Neo4jInstalled {
  /** Whether everything is there. */
  readonly installed: boolean;
  /** The programs that are missing. */
  readonly missing: readonly string[];
  /** The command that installs them. */
  readonly install: string;
}

/**
 * Says whether Neo4j can be had: Maven brings it, and Java runs it.
 *
 * @param path The directories to look in, as in `PATH`.
 * @returns What is there, what is missing, and what would install it.
 */
export function neo4jInstalled(path: string = Deno.env.get("PATH") ?? ""): Neo4jInstalled {
  const missing = ["java", "mvn"].filter((program) =>
    !path.split(":").some((folder) => exists(`${folder}/${program}`))
  );
  return { installed: missing.length === 0, missing, install: "apt-get install --no-install-recommends maven" };
}

/**
 * Has Maven bring the Community Edition of Neo4j, unless an earlier run did.
 *
 * @returns The folder of its jars.
 * @throws {Error} If Maven fails.
 */
export async function installNeo4j(): Promise<string> {
  const jars = `${CACHE}${VERSION}`;
  if (exists(jars)) return jars;
  await Deno.mkdir(CACHE, { recursive: true });
  // Whoever installs at the same time does so elsewhere, and a folder that has its name is complete.
  const partial = await Deno.makeTempDir({ dir: CACHE, prefix: "partial-" });
  try {
    await Deno.writeTextFile(`${partial}/pom.xml`, project());
    const { success, stdout } = await new Deno.Command("mvn", {
      args: ["--quiet", "--batch-mode", `${PLUGIN}:copy-dependencies`, "-DoutputDirectory=jars"],
      cwd: partial,
      stdin: "null",
    }).output();
    if (!success) throw new Error(`Cannot install Neo4j: ${new TextDecoder().decode(stdout).trim().slice(0, 2_048)}`);
    if (!exists(jars)) await Deno.rename(`${partial}/jars`, jars);
  } finally {
    await Deno.remove(partial, { recursive: true });
  }
  return jars;
}

function project(): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>alphaswarm</groupId>
  <artifactId>tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>${VERSION}</version></dependency>
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
