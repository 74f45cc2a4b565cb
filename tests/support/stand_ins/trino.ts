import { listening } from "./listening.ts";

/** A stand-in for a Trino coordinator. */
export interface TrinoStandIn extends AsyncDisposable {
  /** Its address, for a client. */
  readonly url: string;
  /** The user of each request, and the status that it got. */
  readonly requests: readonly string[];
}

/**
 * Starts a stand-in for a Trino coordinator: it takes a query as Trino's REST protocol has it
 * (https://trino.io/docs/current/develop/client-protocol.html), and answers it with one row, the query itself. What Trino
 * itself does is shown by the slow tests.
 *
 * @param judge What it says to an `authorization` header: 200 or 401.
 * @returns The running stand-in.
 */
export function startTrinoStandIn(judge: (authorization: string) => number | Promise<number>): TrinoStandIn {
  const requests: string[] = [];
  let query = "";
  const server = listening(async (request) => {
    const text = await request.text();
    const status = await judge(request.headers.get("authorization") ?? "");
    requests.push(`${request.method} ${request.headers.get("x-trino-user")} ${status}`);
    if (status !== 200) return new Response("Unauthorized", { status });
    const stats = { state: "RUNNING" };
    const page = `${server.url}/v1/statement/executing/1`;
    if (request.method === "GET") {
      return Response.json({ id: "1", stats, columns: [{ name: "query", type: "varchar" }], data: [[query]] });
    }
    query = text;
    return Response.json({ id: "1", stats, nextUri: page });
  });
  return { ...server, requests };
}
