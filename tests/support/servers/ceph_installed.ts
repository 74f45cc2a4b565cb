/** The Debian packages that the gateway and its cluster come from, and a program of each. */
const PROGRAMS = {
  "radosgw": ["radosgw"],
  "ceph-mon": ["ceph-mon"],
  "ceph-osd": ["ceph-osd"],
  "ceph-common": ["ceph", "monmaptool", "radosgw-admin"],
} as const;

/** What is there of Ceph, and how the rest comes. */
export interface CephInstalled {
  /** Whether everything is there. */
  readonly installed: boolean;
  /** The Debian packages that are missing. */
  readonly missing: readonly string[];
  /** The command that installs them. */
  readonly install: string;
}

/**
 * Says whether Ceph is installed.
 *
 * @param path The directories to look in, as in `PATH`.
 * @returns What is there, what is missing, and what would install it.
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
