import { listening } from "./listening.ts";

/** A stand-in for an Iceberg REST catalog. */
export interface CatalogStandIn extends AsyncDisposable {
  /** Its address, for a client. */
  readonly url: string;
  /** Each request, and the status that it got. */
  readonly requests: readonly string[];
}

/**
 * Starts a stand-in for an Iceberg REST catalog: it has namespaces, which whoever is let in may list and create.
 *
 * @param judge What it says to an `authorization` header: 200, 401 or 403.
 * @returns The running stand-in.
 */
export function startCatalogStandIn(judge: (authorization: string) => number | Promise<number>): CatalogStandIn {
  const namespaces: string[][] = [];
  const requests: string[] = [];
  const server = listening(async (request) => {
    const { pathname } = new URL(request.url);
    const body = await request.text();
    const status = await judge(request.headers.get("authorization") ?? "");
    requests.push(`${request.method} ${pathname} ${status}`);
    if (status === 401) return refusal(status, "NotAuthorizedException", "Not authenticated");
    if (status === 403) return refusal(status, "ForbiddenException", "Not authorized");
    if (request.method === "POST") namespaces.push(JSON.parse(body).namespace);
    return Response.json(request.method === "POST" ? JSON.parse(body) : { namespaces });
  });
  return { ...server, requests };
}

function refusal(code: number, type: string, message: string): Response {
  return Response.json({ error: { code, type, message } }, { status: code });
}
