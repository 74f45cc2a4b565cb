/** The lowest port that is tried: few programs listen above it and below the ports that the kernel gives out. */
const LOWEST = 10_000;

/**
 * Finds free ports of the loopback address, for programs that need a port number. The kernel gives none of them
 * to a socket that asks for any port, so no other socket takes one before the program does, or while it restarts.
 *
 * @param count The number of ports.
 * @returns The ports, all different.
 */
export function freePorts(count: number): number[] {
  const above = Math.max(lowestGivenPort(), 2 * LOWEST);
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = LOWEST + Math.floor(Math.random() * (above - LOWEST));
    if (isFree(port)) ports.add(port);
  }
  return [...ports];
}

/** Returns the lowest port that the kernel gives to a socket that asks for any port. */
export function lowestGivenPort(): number {
  try {
    return Number.parseInt(Deno.readTextFileSync("/proc/sys/net/ipv4/ip_local_port_range"));
  } catch {
    // Hint: on systems other than Linux, they begin at 49152.
    return 49_152;
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
