/// <reference lib="webworker" />
// The clients of `load.ts`, in a thread of their own, so that they do not slow down the server under test.
import type { LoadOptions } from "./load.ts";

const REQUEST = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer wrong\r\n\r\n");
const END = new TextEncoder().encode("}");

interface LoadRequest extends LoadOptions {
  readonly port: number;
}

self.onmessage = async ({ data }: MessageEvent<LoadRequest>) => {
  const { port, sockets, seconds } = data;
  const connections = await Promise.all(
    Array.from({ length: sockets }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  self.postMessage("connected");
  const end = performance.now() + seconds * 1_000;
  const counts = await Promise.all(connections.map((connection) => ask(connection, end)));
  self.postMessage(counts.reduce((sum, count) => sum + count, 0));
};

/** Sends requests until `end`. A response ends with its only closing brace, that of a flat JSON object. */
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
