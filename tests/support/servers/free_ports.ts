/**
 * Finds ports of the loopback address that nobody listens on, for programs that have to be told one.
 *
 * @param count How many.
 * @returns The ports, each of them another.
 */
export function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
