/** The settings of a fault. */
export interface FaultSettings {
  /** The `Retry-After` of `status_429` and `status_503`, in seconds or as a date; default "1". */
  readonly retryAfter?: string;
  /** The status of `quotes_secret`; default 401. */
  readonly status?: number;
  /** The lifetime of a token in seconds, in answers that have one; default 3600. */
  readonly lifetime?: number;
  /** The milliseconds between two bytes of `trickle` and `trickle_body`; default 1000. */
  readonly interval?: number;
  /** What `slow` waits for before it answers; default a promise that never resolves. */
  readonly wait?: () => Promise<void>;
}

/** A request that a fault answers. */
export interface FaultyRequest {
  /** The value of its `Authorization` header. */
  readonly authorization: string | undefined;
  /** Its body. */
  readonly body: string;
}

/** One request of a client, and the means to answer it. */
export interface Exchange {
  /** The request. */
  readonly request: FaultyRequest;
  /** The settings, with their defaults. */
  readonly settings: Required<FaultSettings>;
  /** The URL that `redirect` points to. */
  readonly elsewhere: string;
  /** A new access token. */
  readonly token: string;
  /** Sends bytes; throws if the client has disconnected. */
  send(bytes: Uint8Array): Promise<void>;
  /** Waits for some milliseconds; throws if the client disconnects. */
  pause(milliseconds: number): Promise<void>;
  /** Resolves when the client disconnects. */
  readonly disconnected: Promise<void>;
  /** Waits for a promise or until the client disconnects; meanwhile the request counts as held. */
  hold(until: Promise<void>): Promise<void>;
}

/** What the exchanges of one endpoint share. */
export interface ExchangeContext {
  readonly elsewhere: string;
  readonly token: string;
  /** Counts bytes that were sent. */
  readonly count: (bytes: number) => void;
  /** Counts requests that are held, and no longer held. */
  readonly countHeld: (change: 1 | -1) => void;
}

/**
 * Creates an exchange.
 *
 * @param conn The connection that the request came through.
 * @param request The request.
 * @param settings The settings, with their defaults.
 * @param context The URL and the token to use, and the function that counts the bytes sent.
 * @returns The exchange.
 */
export function createExchange(
  conn: Deno.Conn,
  request: FaultyRequest,
  settings: Required<FaultSettings>,
  context: ExchangeContext,
): Exchange {
  let onDisconnect: () => void = () => {};
  let isDisconnected = false;
  const disconnected = conn.read(new Uint8Array(1)).then(() => {}, () => {}).then(() => {
    isDisconnected = true;
    onDisconnect();
  });
  const assertConnected = (): void => {
    if (isDisconnected) throw new Deno.errors.ConnectionAborted("Cannot answer: the client has disconnected");
  };
  return {
    request,
    settings,
    elsewhere: context.elsewhere,
    token: context.token,
    disconnected,
    hold: async (until) => {
      context.countHeld(1);
      await Promise.race([until, disconnected]);
      context.countHeld(-1);
      assertConnected();
    },
    send: async (bytes) => {
      for (let written = 0; written < bytes.length;) {
        assertConnected();
        const count = await conn.write(bytes.subarray(written));
        context.count(count);
        written += count;
      }
    },
    pause: async (milliseconds) => {
      assertConnected();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        onDisconnect = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      assertConnected();
    },
  };
}
