/// <reference lib="webworker" />
// The clients of `load.ts`, in a thread of their own, so that they take no time from the server that they ask.
import type { LoadOptions } from "./load.ts";

const REQUEST = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer wrong\r\n\r\n");
const END = new TextEncoder().encode("}");

interface Order extends LoadOptions {
  readonly port: number;
}

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  const { port, sockets, seconds } = data;
  const connections = await Promise.all(
    Array.from({ length: sockets }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  self.postMessage("connected");
  const end = performance.now() + seconds * 1_000;
  const counts = await Promise.all(connections.map((connection) => ask(connection, end)));
  self.postMessage(counts.reduce((sum, count) => sum + count, 0));
};

/** The answers' only body is one JSON object without another in it, so its brace is the answer's end. */
async function ask(connection: Deno.TcpConn, end: number): Promise<number> {
  using socket = connection;
  const buffer = new Uint8Array(8_192);
  let count = 0;
  while (performance.now() < end) {
    await socket.write(REQUEST);
    for (let read = await socket.read(buffer); read !== null; read = await socket.read(buffer)) {
      if (buffer[read - 1] === END[0]) break;
    }
    count++;
  }
  return count;
}
