/** The programs of the Debian packages that servers, or getting them, need. */
const PROGRAMS = {
  "radosgw": ["radosgw"],
  "ceph-mon": ["ceph-mon"],
  "ceph-osd": ["ceph-osd"],
  "ceph-common": ["ceph", "monmaptool", "radosgw-admin"],
  "maven": ["mvn"],
  "default-jdk-headless": ["java", "javac"],
  "python3-pip": ["pip3"],
  "redis-server": ["redis-server", "redis-cli"],
  "postgresql-15": ["initdb", "postgres", "psql"],
  "mariadb-server": ["mariadbd", "mariadb-install-db", "mariadb"],
} as const;

/** Where Debian keeps the programs of PostgreSQL, of which several versions may be there. */
export const POSTGRES_PROGRAMS = "/usr/lib/postgresql/15/bin";

/** Where programs are searched. */
const SEARCHED = `${Deno.env.get("PATH") ?? ""}:${POSTGRES_PROGRAMS}`;

/** A Debian package that a server, or getting it, needs. */
export type DebianPackage = keyof typeof PROGRAMS;

/**
 * Finds the packages that are not installed.
 *
 * @param names The packages.
 * @param path The directories to search, as in `PATH`.
 * @returns Those of which a program is missing.
 */
export function missingPackages(
  names: readonly DebianPackage[],
  path: string = SEARCHED,
): readonly DebianPackage[] {
  return names.filter((name) => !PROGRAMS[name].every((program) => findProgram(program, path) !== undefined));
}

/**
 * Returns the command that installs packages.
 *
 * @param names The packages.
 * @returns The command.
 */
export function installCommand(names: readonly DebianPackage[]): string {
  return `apt-get install --no-install-recommends ${names.join(" ")}`;
}

/**
 * Finds a program.
 *
 * @param program Its name.
 * @param path The directories to search, as in `PATH`.
 * @returns Its path without links, or `undefined` if there is none.
 */
export function findProgram(program: string, path: string = SEARCHED): string | undefined {
  for (const directory of path.split(":").filter((directory) => directory !== "")) {
    try {
      const file = Deno.realPathSync(`${directory}/${program}`);
      if (Deno.statSync(file).isFile) return file;
    } catch {
      // Hint: it may be in the next directory.
    }
  }
  return undefined;
}
