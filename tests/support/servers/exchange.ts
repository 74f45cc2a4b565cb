/** What a fault may be told apart from its name. */
export interface FaultSettings {
  /** The `Retry-After` of `status_429` and `status_503`, seconds or a date; "1" by default. */
  readonly retryAfter?: string;
  /** The status of `quotes_secret`; 401 by default. */
  readonly status?: number;
  /** The lifetime of a token in seconds where the answer has one; 3600 by default. */
  readonly lifetime?: number;
  /** The milliseconds between two bytes of `trickle` and `trickle_body`; 1000 by default. */
  readonly interval?: number;
}

/** A request that a fault answers. */
export interface FaultyRequest {
  /** The value of its `Authorization` header field. */
  readonly authorization: string | undefined;
  /** Its body. */
  readonly body: string;
}

/** One exchange with a client, seen from the fault's side. */
export interface Exchange {
  /** The request. */
  readonly request: FaultyRequest;
  /** The settings, with their defaults. */
  readonly settings: Required<FaultSettings>;
  /** The URL that `redirect` points to. */
  readonly elsewhere: string;
  /** An access token that no answer has had before. */
  readonly token: string;
  /** Sends bytes; throws when the client has gone. */
  send(bytes: Uint8Array): Promise<void>;
  /** Waits some milliseconds; throws when the client has gone. */
  pause(milliseconds: number): Promise<void>;
  /** Waits until the client has gone. */
  readonly gone: Promise<void>;
}

/**
 * Opens the fault's side of an exchange.
 *
 * @param conn The connection that the request came through.
 * @param request The request.
 * @param settings The settings, with their defaults.
 * @param told The URL and the token to use, and where bytes are counted.
 * @returns The exchange.
 */
export function createExchange(
  conn: Deno.Conn,
  request: FaultyRequest,
  settings: Required<FaultSettings>,
  told: { readonly elsewhere: string; readonly token: string; readonly count: (bytes: number) => void },
): Exchange {
  let leave: () => void = () => {};
  let left = false;
  const gone = conn.read(new Uint8Array(1)).then(() => {}, () => {}).then(() => {
    left = true;
    leave();
  });
  const check = (): void => {
    if (left) throw new Deno.errors.ConnectionAborted("Cannot go on: the client has gone");
  };
  return {
    request,
    settings,
    elsewhere: told.elsewhere,
    token: told.token,
    gone,
    send: async (bytes) => {
      for (let written = 0; written < bytes.length;) {
        check();
        const count = await conn.write(bytes.subarray(written));
        told.count(count);
        written += count;
      }
    },
    pause: async (milliseconds) => {
      check();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        leave = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      check();
    },
  };
}
