/** An HTTP server of a test. */
export interface Listening extends AsyncDisposable {
  /** Its origin, without a slash at the end. */
  readonly url: string;
}

/**
 * Serves HTTP on a free port of the loopback address.
 *
 * @param handler What answers.
 * @returns The server.
 */
export function listening(handler: (request: Request) => Response | Promise<Response>): Listening {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}
