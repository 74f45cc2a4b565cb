import { createExchange, type FaultSettings } from "./exchange.ts";
import { type FaultName, faults } from "./faults.ts";
import { readRequest } from "./http_request.ts";
import { createSelfSigned } from "./self_signed.ts";

/** The host name of the endpoint's certificate, which is never the one that it is reached by. */
const CERTIFICATE_NAME = "elsewhere.invalid";

/** A token endpoint that does as it is told, right or wrong. */
export interface FaultyEndpoint extends AsyncDisposable {
  /** Its `http:` URL. */
  readonly url: string;
  /** Its `https:` URL, where it shows a self-signed certificate for another host name. */
  readonly tlsUrl: string;
  /** The certificate as PEM: whoever trusts it is left with the wrong name alone. */
  readonly certificate: string;
  /** The connections that it has accepted. */
  readonly connections: number;
  /** The requests that it has read. */
  readonly requests: number;
  /** The requests at the URL that `redirect` points to. */
  readonly elsewhereRequests: number;
  /** The bytes that clients took; `settled` makes it final. What the kernel had in its buffers is included. */
  readonly bytesSent: number;
  /** The `Authorization` header field of the last request. */
  readonly lastAuthorization: string | undefined;
  /** The body of the last request. */
  readonly lastBody: string | undefined;
  /**
   * Chooses what the endpoint does from the next connection on; `refused` closes its ports, any other opens them.
   *
   * @param fault The name of the fault, or "none" for a proper answer.
   * @param settings What the fault may be told.
   */
  set(fault: FaultName, settings?: FaultSettings): void;
  /** Waits until every connection is closed. */
  settled(): Promise<void>;
}

/**
 * Starts a token endpoint on raw sockets of the loopback address, in this process. It begins with proper answers.
 *
 * @returns The endpoint.
 *
 * @example
 * ```ts
 * await using endpoint = await startFaultyEndpoint();
 * endpoint.set("status_503", { retryAfter: "7" });
 * ```
 */
export async function startFaultyEndpoint(): Promise<FaultyEndpoint> {
  const certificate = await createSelfSigned(CERTIFICATE_NAME);
  let fault: FaultName = "none";
  let settings: FaultSettings = {};
  const seen = { connections: 0, requests: 0, elsewhere: 0, bytes: 0 };
  let last: { authorization: string | undefined; body: string } | undefined;
  const open = new Map<Deno.Conn, Promise<void>>();

  const exchange = async (conn: Deno.Conn): Promise<void> => {
    seen.connections++;
    const request = await readRequest(conn);
    if (request === undefined) return;
    seen.requests++;
    last = { authorization: request.headers.get("authorization"), body: request.body };
    const count = (bytes: number): void => void (seen.bytes += bytes);
    const side = createExchange(conn, last, {
      retryAfter: "1",
      status: 401,
      lifetime: 3600,
      interval: 1000,
      ...settings,
    }, {
      elsewhere: `http://127.0.0.1:${portOf(elsewhere)}/token`,
      token: `fake-token-${seen.requests}-${crypto.randomUUID()}`,
      count,
    });
    if (fault !== "refused") await faults[fault](side);
  };
  const accept = async (listener: Deno.Listener, serve: (conn: Deno.Conn) => Promise<void>): Promise<void> => {
    for await (const conn of listener) {
      const served = serve(conn).catch(() => {}).finally(() => {
        open.delete(conn);
        close(conn);
      });
      open.set(conn, served);
    }
  };
  const listeners: Deno.Listener[] = [];
  const accepting = new Set<Promise<void>>();
  const listen = (ports: readonly [number, number]): void => {
    const plain = Deno.listen({ hostname: "127.0.0.1", port: ports[0] });
    listeners.push(plain, Deno.listenTls({ hostname: "127.0.0.1", port: ports[1], ...certificate }));
    for (const listener of listeners) accepting.add(accept(listener, exchange));
  };
  const shut = (): void => listeners.splice(0).forEach((listener) => listener.close());

  const elsewhere = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  accepting.add(accept(elsewhere, async (conn) => {
    if (await readRequest(conn) !== undefined) seen.elsewhere++;
  }));
  listen([0, 0]);
  const ports = [portOf(listeners[0]), portOf(listeners[1])] as const;

  return {
    url: `http://127.0.0.1:${ports[0]}/token`,
    tlsUrl: `https://127.0.0.1:${ports[1]}/token`,
    certificate: certificate.cert,
    get connections() {
      return seen.connections;
    },
    get requests() {
      return seen.requests;
    },
    get elsewhereRequests() {
      return seen.elsewhere;
    },
    get bytesSent() {
      return seen.bytes;
    },
    get lastAuthorization() {
      return last?.authorization;
    },
    get lastBody() {
      return last?.body;
    },
    set: (name, told = {}) => {
      fault = name;
      settings = told;
      if (name === "refused") shut();
      else if (listeners.length === 0) listen(ports);
    },
    settled: async () => {
      while (open.size > 0) await Promise.all(open.values());
    },
    [Symbol.asyncDispose]: async () => {
      shut();
      elsewhere.close();
      const serving = [...open.values()];
      for (const conn of open.keys()) close(conn);
      await Promise.all([...serving, ...accepting]);
    },
  };
}

function portOf(listener: Deno.Listener | undefined): number {
  return (listener?.addr as Deno.NetAddr).port;
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed by the endpoint's end or the exchange's, whichever comes first.
  }
}
