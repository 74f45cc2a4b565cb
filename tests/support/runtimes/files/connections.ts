import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { createResolver, defineChain, memory, required } from "../../../../mod.ts";
import { sts } from "../../../../src/stores/sts/sts.ts";
import { expectEqual } from "../expect.ts";
import type { Checks } from "../table.ts";
import { EXPIRED, KEY, VALID } from "./certificates.ts";

/** Asks an STS at a URL, and returns what its store says of the connection. */
async function ask(endpoint: string): Promise<string | undefined> {
  const resolver = createResolver(defineChain({
    stores: {
      sts: sts({ priority: 2, endpoint, webIdentity: "minio:identity" }),
      memory: memory({ priority: 1, values: { token: "not-a-secret" } }),
    },
    credentials: {
      "minio:identity": { fields: { token: required() }, from: { memory: { prefix: "" } } },
      "s3:keys": { fields: { secret_key: required() }, from: { sts: true } },
    },
  }));
  const { trace } = await resolver.resolve("s3:keys").catch((error) => error);
  return `${trace[0].outcome}: ${trace[0].detail}`;
}

async function withServer(server: Server, use: (port: number) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use((server.address() as { port: number }).port);
  } finally {
    server.close();
  }
}

function serve(answer: (socket: Socket) => void): Server {
  return createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
}

function serveTls(cert: string): Server {
  const server = createTlsServer({ cert, key: KEY }, (socket) => socket.on("error", () => {}).end());
  return server.on("tlsClientError", () => {});
}

/** Connections that fail, on real sockets. */
export const connectionChecks: Checks = {
  "a store says why there is no connection": async () => {
    const none = "unavailable: no connection to the server";
    await withServer(serve((socket) => socket.end()), async (port) => {
      expectEqual(await ask(`http://127.0.0.1:${port}/?key=not-a-secret`), `${none}: the connection was closed`);
    });
    await withServer(serve((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")), async (port) => {
      expectEqual(await ask(`https://127.0.0.1:${port}/`), `${none}: the TLS handshake failed`);
    });
    await withServer(serveTls(VALID), async (port) => {
      expectEqual(await ask(`https://127.0.0.1:${port}/`), `${none}: the certificate is not trusted`);
    });
    await withServer(serveTls(EXPIRED), async (port) => {
      expectEqual(await ask(`https://localhost:${port}/`), `${none}: the certificate has expired`);
    });
    let closed = 0;
    await withServer(createServer(), (port) => Promise.resolve(void (closed = port)));
    expectEqual(await ask(`http://127.0.0.1:${closed}/`), `${none}: the connection was refused`);
    expectEqual(await ask("https://nowhere.invalid/?key=refused"), `${none}: the host name was not found`);
  },
};
