/**
 * Leaves the packages of JSR out of a lock, which then fits the real ones and their stand-ins alike.
 *
 * @param lock The text of a `deno.lock`.
 * @returns The text without them.
 */
export function withoutJsr(lock: string): string {
  return lock.replace(/^ {4}"jsr:.*\n/gm, "").replace(/^ {2}"jsr": \{\n[^]*?^ {2}\},\n/m, "");
}
