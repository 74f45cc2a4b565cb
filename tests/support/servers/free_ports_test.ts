import { assert, assertEquals } from "@std/assert";
import { freePorts, lowestGivenPort } from "./free_ports.ts";

const lowest = lowestGivenPort();
// Hint: a kernel that is told to give out lower ports leaves no room below them.
const ignore = lowest < 20_000;

Deno.test(
  "no socket that takes any port takes one that was found for a program, also before it listens",
  { ignore },
  () => {
    const given = Array.from({ length: 50 }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
    for (const { addr: { port } } of given) assert(port >= lowest, `${port} is below ${lowest}`);
    for (const listener of given) listener.close();
    const ports = freePorts(200);
    assertEquals(new Set(ports).size, 200);
    for (const port of ports) assert(port < lowest, `${port} is one of those from ${lowest} on`);
  },
);

Deno.test("a port on which a program listens is not free", () => {
  const listeners = freePorts(50).map((port) => Deno.listen({ hostname: "127.0.0.1", port }));
  const taken = new Set(listeners.map(({ addr }) => addr.port));
  for (const port of freePorts(2_000)) assertEquals(taken.has(port), false);
  for (const listener of listeners) listener.close();
});
