import { createExchange, type FaultSettings } from "./exchange.ts";
import { type FaultName, faults } from "./faults.ts";
import { readRequest } from "./http_request.ts";
import { createSelfSigned, type SelfSigned } from "./self_signed.ts";

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
  /** The number of requests that `silent` and `slow` hold. */
  readonly held: number;
  /** The number of requests at the URL that `redirect` points to. */
  readonly elsewhereRequests: number;
  /** The number of bytes sent, including those in kernel buffers; final after `allClosed`. */
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
  allClosed(): Promise<void>;
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
  return new Endpoint(await createSelfSigned(CERTIFICATE_NAME));
}

const DEFAULT_SETTINGS = {
  retryAfter: "1",
  status: 401,
  lifetime: 3600,
  interval: 1000,
  wait: () => new Promise<void>(() => {}),
};

class Endpoint implements FaultyEndpoint {
  readonly url: string;
  readonly tlsUrl: string;
  readonly certificate: string;
  connections = 0;
  requests = 0;
  held = 0;
  elsewhereRequests = 0;
  bytesSent = 0;
  lastAuthorization: string | undefined;
  lastBody: string | undefined;
  #fault: FaultName = "none";
  #settings: FaultSettings = {};
  readonly #certificate: SelfSigned;
  readonly #ports: readonly [number, number];
  readonly #elsewhere: Deno.Listener;
  readonly #listeners: Deno.Listener[] = [];
  readonly #accepting = new Set<Promise<void>>();
  readonly #open = new Map<Deno.Conn, Promise<void>>();

  constructor(certificate: SelfSigned) {
    this.#certificate = certificate;
    this.certificate = certificate.cert;
    this.#elsewhere = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accepting.add(this.#accept(this.#elsewhere, async (conn) => {
      if (await readRequest(conn) !== undefined) this.elsewhereRequests++;
    }));
    this.#listen([0, 0]);
    this.#ports = [portOf(this.#listeners[0]), portOf(this.#listeners[1])];
    this.url = `http://127.0.0.1:${this.#ports[0]}/token`;
    this.tlsUrl = `https://127.0.0.1:${this.#ports[1]}/token`;
  }

  set(fault: FaultName, settings: FaultSettings = {}): void {
    this.#fault = fault;
    this.#settings = settings;
    if (fault === "refused") this.#closeListeners();
    else if (this.#listeners.length === 0) this.#listen(this.#ports);
  }

  async allClosed(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closeListeners();
    this.#elsewhere.close();
    const serving = [...this.#open.values()];
    for (const conn of this.#open.keys()) close(conn);
    await Promise.all([...serving, ...this.#accepting]);
  }

  #listen(ports: readonly [number, number]): void {
    const plain = Deno.listen({ hostname: "127.0.0.1", port: ports[0] });
    this.#listeners.push(plain, Deno.listenTls({ hostname: "127.0.0.1", port: ports[1], ...this.#certificate }));
    for (const listener of this.#listeners) {
      this.#accepting.add(this.#accept(listener, (conn) => this.#answer(conn)));
    }
  }

  #closeListeners(): void {
    for (const listener of this.#listeners.splice(0)) listener.close();
  }

  async #accept(listener: Deno.Listener, serve: (conn: Deno.Conn) => Promise<void>): Promise<void> {
    for await (const conn of listener) {
      const served = serve(conn).catch(() => {}).finally(() => {
        this.#open.delete(conn);
        close(conn);
      });
      this.#open.set(conn, served);
    }
  }

  async #answer(conn: Deno.Conn): Promise<void> {
    this.connections++;
    const request = await readRequest(conn);
    if (request === undefined) return;
    this.requests++;
    const { body } = request;
    const authorization = request.headers.get("authorization");
    [this.lastAuthorization, this.lastBody] = [authorization, body];
    const exchange = createExchange(conn, { authorization, body }, { ...DEFAULT_SETTINGS, ...this.#settings }, {
      elsewhere: `http://127.0.0.1:${portOf(this.#elsewhere)}/token`,
      token: `fake-token-${this.requests}-${crypto.randomUUID()}`,
      count: (bytes) => void (this.bytesSent += bytes),
      countHeld: (change) => void (this.held += change),
    });
    if (this.#fault !== "refused") await faults[this.#fault](exchange);
  }
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
