/** A request read from a socket. */
export interface RawRequest {
  /** The method. */
  readonly method: string;
  /** The headers, with names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body. */
  readonly body: string;
}

/**
 * Reads one HTTP/1.1 request, whose body must have a `Content-Length`.
 *
 * @param conn The connection to read from.
 * @returns The request, or `undefined` if the client disconnected before it was complete.
 */
export async function readRequest(conn: Deno.Conn): Promise<RawRequest | undefined> {
  const decoder = new TextDecoder("latin1");
  const buffer = new Uint8Array(16 * 1024);
  let text = "";
  while (true) {
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) {
      const [line = "", ...fields] = text.slice(0, end).split("\r\n");
      const headers = new Map(fields.map((field) => split(field)));
      const body = text.slice(end + 4);
      if (body.length >= Number(headers.get("content-length") ?? 0)) {
        return { method: line.split(" ", 1)[0] ?? "", headers, body };
      }
    }
    const count = await conn.read(buffer);
    if (count === null) return undefined;
    text += decoder.decode(buffer.subarray(0, count));
  }
}

function split(field: string): [string, string] {
  const colon = field.indexOf(":");
  return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
}
