/** The Debian packages of the gateway and its cluster, and their programs. */
const PROGRAMS = {
  "radosgw": ["radosgw"],
  "ceph-mon": ["ceph-mon"],
  "ceph-osd": ["ceph-osd"],
  "ceph-common": ["ceph", "monmaptool", "radosgw-admin"],
} as const;

/** Whether Ceph is installed, and how to install it. */
export interface CephInstalled {
  /** Whether all packages are installed. */
  readonly installed: boolean;
  /** The Debian packages that are missing. */
  readonly missing: readonly string[];
  /** The command that installs them. */
  readonly install: string;
}

/**
 * Checks whether Ceph is installed.
 *
 * @param path The directories to search, as in `PATH`.
 * @returns Whether it is installed, what is missing, and the command that installs it.
 */
export function cephInstalled(path: string = Deno.env.get("PATH") ?? ""): CephInstalled {
  const directories = path.split(":").filter((directory) => directory !== "");
  const has = (program: string): boolean => directories.some((directory) => isFile(`${directory}/${program}`));
  const missing = Object.entries(PROGRAMS)
    .filter(([, programs]) => !programs.every(has))
    .map(([name]) => name);
  const install = `apt-get install --no-install-recommends ${Object.keys(PROGRAMS).join(" ")}`;
  return { installed: missing.length === 0, missing, install };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
