/** A running HTTP server. */
export interface Listening extends AsyncDisposable {
  /** Its origin, without a trailing slash. */
  readonly url: string;
}

/**
 * Starts an HTTP server on a free port of the loopback address.
 *
 * @param handler Answers the requests.
 * @returns The server.
 */
export function listening(handler: (request: Request) => Response | Promise<Response>): Listening {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}
