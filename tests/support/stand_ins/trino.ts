import { listening } from "./listening.ts";

/** A stand-in for a Trino coordinator. */
export interface TrinoStandIn extends AsyncDisposable {
  /** Its URL. */
  readonly url: string;
  /** The requests so far, each with its user and its response's status. */
  readonly requests: readonly string[];
}

/**
 * Starts a stand-in for a Trino coordinator. It takes queries by Trino's REST protocol
 * (https://trino.io/docs/current/develop/client-protocol.html), and answers each with one row, the query itself. The slow
 * tests use Trino itself.
 *
 * @param authorize Gives the status for an `authorization` header: 200 or 401.
 * @returns The running stand-in.
 */
export function startTrinoStandIn(authorize: (authorization: string) => number | Promise<number>): TrinoStandIn {
  const requests: string[] = [];
  let query = "";
  const server = listening(async (request) => {
    const text = await request.text();
    const status = await authorize(request.headers.get("authorization") ?? "");
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
