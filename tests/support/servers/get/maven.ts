import { run } from "./run.ts";

const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/** An artifact of Maven Central. */
export interface Artifact {
  /** Its group id. */
  readonly group: string;
  /** Its artifact id. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Its type and classifier after a colon each; default the jar. */
  readonly kind?: string;
}

/** Downloads a jar with its dependencies into a directory. */
export async function mavenJars(artifact: Artifact, directory: string): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "maven-" });
  try {
    await Deno.writeTextFile(`${home}/pom.xml`, project(artifact));
    await maven(artifact, "copy-dependencies", [`-DoutputDirectory=${directory}`], home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Downloads one file into a directory. */
export function mavenFile(artifact: Artifact, directory: string): Promise<void> {
  return maven(artifact, "copy", [`-Dartifact=${coordinates(artifact)}`, `-DoutputDirectory=${directory}`]);
}

/** Downloads an archive, and unpacks it into a directory. */
export function mavenArchive(artifact: Artifact, directory: string): Promise<void> {
  return maven(artifact, "unpack", [`-Dartifact=${coordinates(artifact)}`, `-DoutputDirectory=${directory}`]);
}

function maven({ name }: Artifact, goal: string, args: readonly string[], cwd?: string): Promise<void> {
  const command = ["mvn", "--quiet", "--batch-mode", `${PLUGIN}:${goal}`, ...args];
  return run(`"${name}" from Maven Central`, command, cwd === undefined ? {} : { cwd });
}

function coordinates({ group, name, version, kind }: Artifact): string {
  return [group, name, version, ...kind === undefined ? [] : [kind]].join(":");
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
