import { type Artifact, mavenFile, mavenJars } from "./maven.ts";

/** What reads the configuration of Trino, in the version that Trino 479 uses. */
const CONFIGURATION: Artifact = { group: "io.airlift", name: "configuration", version: "386" };
/** The classes of other projects that the configuration of the connector refers to. */
const REFERENCES: readonly Artifact[] = [
  { group: "io.airlift", name: "units", version: "1.12" },
  { group: "org.apache.iceberg", name: "iceberg-core", version: "1.10.0" },
];

/**
 * Downloads Trino's Iceberg connector with what reads its configuration, and without the rest that it needs to run, which is
 * large.
 *
 * @param directory Where its jars are put.
 * @param version The version of Trino.
 */
export async function fillTrinoIceberg(directory: string, version: string): Promise<void> {
  await mavenJars(CONFIGURATION, directory);
  for (const artifact of [{ group: "io.trino", name: "trino-iceberg", version }, ...REFERENCES]) {
    await mavenFile(artifact, directory);
  }
}
