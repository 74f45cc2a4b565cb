import { type Message, pack, unpack } from "./packstream.ts";

/** A stand-in for a Neo4j server. */
export interface BoltStandIn extends AsyncDisposable {
  /** Its URL. */
  readonly url: string;
  /** The attempts to log on so far, as `user:password` or `Bearer token`. */
  readonly logons: readonly string[];
  /** The password that it accepts; can be changed. */
  password: string;
  /** The bearer tokens that it accepts. */
  readonly tokens: Set<string>;
  /** The bearer tokens that have expired: no query runs with them, on an open connection either. */
  readonly expiredTokens: Set<string>;
}

/** What a driver logs on with. */
interface AuthToken {
  readonly scheme: string;
  readonly principal?: string;
  readonly credentials?: string;
}

const HELLO = 0x01, GOODBYE = 0x02, RESET = 0x0f, RUN = 0x10, PULL = 0x3f, LOGON = 0x6a;
const SUCCESS = 0x70, RECORD = 0x71, IGNORED = 0x7e, FAILURE = 0x7f;
const VERSION_5_4 = new Uint8Array([0, 0, 4, 5]);

const success = (metadata: object = {}): Message => ({ tag: SUCCESS, fields: [metadata] });
const securityFailure = (code: string): Message => ({
  tag: FAILURE,
  fields: [{ code: `Neo.ClientError.Security.${code}`, message: "The client is not authenticated." }],
});

/**
 * Starts a stand-in for a Neo4j server. It implements the part of Bolt 5.4 that logging on with a user and a password,
 * or with a bearer token, needs, and answers every query with 1. The slow tests use Neo4j itself, whose Community Edition
 * takes no bearer token.
 *
 * @param user The name of its only user.
 * @param password The user's password.
 * @returns The running stand-in.
 */
export function startBoltStandIn(user: string, password: string): BoltStandIn {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.TcpConn>();
  const logons: string[] = [];
  const standIn: BoltStandIn = {
    url: `bolt://127.0.0.1:${listener.addr.port}`,
    logons,
    password,
    tokens: new Set(),
    expiredTokens: new Set(),
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) close(connection);
      await serving;
    },
  };

  async function serve(connection: Deno.TcpConn): Promise<void> {
    connections.add(connection);
    const reader = new Reader(connection);
    const session = new Session(standIn, user, logons);
    let failed = false;
    await reader.take(20);
    await connection.write(VERSION_5_4);
    for (;;) {
      const message = await reader.message();
      if (message.tag === GOODBYE) return;
      if (message.tag === RESET) failed = false;
      const replies: Message[] = failed ? [{ tag: IGNORED, fields: [] }] : session.repliesTo(message);
      failed = replies.some(({ tag }) => tag === FAILURE);
      for (const reply of replies) await connection.write(chunked(pack(reply)));
    }
  }

  async function accept(): Promise<void> {
    const served: Promise<void>[] = [];
    try {
      for await (const connection of listener) served.push(serve(connection).catch(() => close(connection)));
    } finally {
      await Promise.all(served);
    }
  }

  const serving = accept();
  return standIn;
}

/** What a server knows of one connection. */
class Session {
  readonly #server: BoltStandIn;
  readonly #user: string;
  readonly #logons: string[];
  #credentials = "";

  constructor(server: BoltStandIn, user: string, logons: string[]) {
    this.#server = server;
    this.#user = user;
    this.#logons = logons;
  }

  repliesTo({ tag, fields }: Message): Message[] {
    if (tag === HELLO) return [success({ server: "Neo4j/5.26.0", connection_id: "bolt-1" })];
    if (tag === LOGON) return [this.#logOn(fields[0] as AuthToken)];
    if (tag === PULL) return [{ tag: RECORD, fields: [[1]] }, success()];
    if (tag !== RUN) return [success()];
    return [this.#isExpired() ? securityFailure("TokenExpired") : success({ fields: ["one"] })];
  }

  #logOn({ scheme, principal, credentials = "" }: AuthToken): Message {
    this.#credentials = credentials;
    this.#logons.push(scheme === "bearer" ? `Bearer ${credentials}` : `${principal}:${credentials}`);
    if (this.#isExpired()) return securityFailure("TokenExpired");
    const accepted = scheme === "bearer"
      ? this.#server.tokens.has(credentials)
      : principal === this.#user && credentials === this.#server.password;
    return accepted ? success() : securityFailure("Unauthorized");
  }

  #isExpired(): boolean {
    return this.#server.expiredTokens.has(this.#credentials);
  }
}

class Reader {
  readonly #connection: Deno.TcpConn;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  async take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const read = await this.#connection.read(bytes.subarray(at));
      if (read === null) throw new Deno.errors.UnexpectedEof();
      at += read;
    }
    return bytes;
  }

  async message(): Promise<Message> {
    const bytes: number[] = [];
    for (;;) {
      const [high = 0, low = 0] = await this.take(2);
      const length = high << 8 | low;
      if (length > 0) bytes.push(...await this.take(length));
      else if (bytes.length > 0) return unpack(new Uint8Array(bytes));
    }
  }
}

function chunked(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array([bytes.length >> 8, bytes.length & 0xff, ...bytes, 0, 0]);
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // The client closed it already.
  }
}
