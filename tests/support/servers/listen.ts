import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Makes a server listen on the loopback address.
 *
 * @param server The server.
 * @param port The port, or 0 for a free one.
 * @returns The port.
 */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}
