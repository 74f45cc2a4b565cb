import { createExchange, type FaultSettings } from "./exchange.ts";
import { type FaultName, faults } from "./faults.ts";
import { readRequest } from "./http_request.ts";
import { createSelfSigned } from "./self_signed.ts";

/** The host name of the certificate, which is never that of the URL. */
const CERTIFICATE_NAME = "elsewhere.invalid";

/** A token endpoint whose faults a test chooses. */
export interface FaultyEndpoint extends AsyncDisposable {
  /** Its `http:` URL. */
  readonly url: string;
  /** Its `https:` URL, with a self-signed certificate for another host name. */
  readonly tlsUrl: string;
  /** The certificate as PEM; for a client that trusts it, only the host name is wrong. */
  readonly certificate: string;
  /** The number of accepted connections. */
  readonly connections: number;
  /** The number of requests. */
  readonly requests: number;
  /** The number of requests at the URL that `redirect` points to. */
  readonly elsewhereRequests: number;
  /** The number of bytes sent, including those in kernel buffers; final after `settled`. */
  readonly bytesSent: number;
  /** The `Authorization` header of the last request. */
  readonly lastAuthorization: string | undefined;
  /** The body of the last request. */
  readonly lastBody: string | undefined;
  /**
   * Sets the fault from the next connection on. `refused` closes the ports, and any other opens them.
   *
   * @param fault The name of the fault, or "none" for a valid answer.
   * @param settings The settings of the fault.
   */
  set(fault: FaultName, settings?: FaultSettings): void;
  /** Waits until every connection is closed. */
  settled(): Promise<void>;
}

/**
 * Starts a token endpoint on sockets of the loopback address, in this process. At first it gives valid answers.
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
  const counts = { connections: 0, requests: 0, elsewhere: 0, bytes: 0 };
  let last: { authorization: string | undefined; body: string } | undefined;
  const open = new Map<Deno.Conn, Promise<void>>();

  const answer = async (conn: Deno.Conn): Promise<void> => {
    counts.connections++;
    const request = await readRequest(conn);
    if (request === undefined) return;
    counts.requests++;
    last = { authorization: request.headers.get("authorization"), body: request.body };
    const count = (bytes: number): void => void (counts.bytes += bytes);
    const exchange = createExchange(conn, last, {
      retryAfter: "1",
      status: 401,
      lifetime: 3600,
      interval: 1000,
      ...settings,
    }, {
      elsewhere: `http://127.0.0.1:${portOf(elsewhere)}/token`,
      token: `fake-token-${counts.requests}-${crypto.randomUUID()}`,
      count,
    });
    if (fault !== "refused") await faults[fault](exchange);
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
    for (const listener of listeners) accepting.add(accept(listener, answer));
  };
  const closeListeners = (): void => listeners.splice(0).forEach((listener) => listener.close());

  const elsewhere = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  accepting.add(accept(elsewhere, async (conn) => {
    if (await readRequest(conn) !== undefined) counts.elsewhere++;
  }));
  listen([0, 0]);
  const ports = [portOf(listeners[0]), portOf(listeners[1])] as const;

  return {
    url: `http://127.0.0.1:${ports[0]}/token`,
    tlsUrl: `https://127.0.0.1:${ports[1]}/token`,
    certificate: certificate.cert,
    get connections() {
      return counts.connections;
    },
    get requests() {
      return counts.requests;
    },
    get elsewhereRequests() {
      return counts.elsewhere;
    },
    get bytesSent() {
      return counts.bytes;
    },
    get lastAuthorization() {
      return last?.authorization;
    },
    get lastBody() {
      return last?.body;
    },
    set: (name, newSettings = {}) => {
      fault = name;
      settings = newSettings;
      if (name === "refused") closeListeners();
      else if (listeners.length === 0) listen(ports);
    },
    settled: async () => {
      while (open.size > 0) await Promise.all(open.values());
    },
    [Symbol.asyncDispose]: async () => {
      closeListeners();
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
    // Hint: the end of the exchange may have closed it already.
  }
}
