/**
 * Removes the packages of JSR from a lock file, which then fits both the real ones and their stand-ins.
 *
 * @param lock The text of a `deno.lock`.
 * @returns The text without them.
 */
export function withoutJsr(lock: string): string {
  return lock.replace(/^ {4}"jsr:.*\n/gm, "").replace(/^ {2}"jsr": \{\n[^]*?^ {2}\},\n/m, "");
}
