/**
 * Finds free ports of the loopback address, for programs that need a port number.
 *
 * @param count The number of ports.
 * @returns The ports, all different.
 */
export function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
