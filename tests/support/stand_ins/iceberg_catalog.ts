import { listening } from "./listening.ts";

/** A stand-in for an Iceberg REST catalog. */
export interface CatalogStandIn extends AsyncDisposable {
  /** Its URL. */
  readonly url: string;
  /** The requests so far, each with its response's status. */
  readonly requests: readonly string[];
}

/**
 * Starts a stand-in for an Iceberg REST catalog, whose namespaces authenticated requests can list and create.
 *
 * @param authorize Gives the status for an `authorization` header: 200, 401 or 403.
 * @returns The running stand-in.
 */
export function startCatalogStandIn(authorize: (authorization: string) => number | Promise<number>): CatalogStandIn {
  const namespaces: string[][] = [];
  const requests: string[] = [];
  const server = listening(async (request) => {
    const { pathname } = new URL(request.url);
    const body = await request.text();
    const status = await authorize(request.headers.get("authorization") ?? "");
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
