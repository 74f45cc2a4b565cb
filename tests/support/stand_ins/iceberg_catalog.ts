import { listening } from "./listening.ts";

/** A stand-in for an Iceberg REST catalog. */
export interface CatalogStandIn extends AsyncDisposable {
  /** Its URL. */
  readonly url: string;
  /** The requests so far, each with its response's status. */
  readonly requests: readonly string[];
}

/** The types of the specification's errors, by status. */
const REFUSALS: Readonly<Record<number, string>> = { 403: "ForbiddenException", 419: "AuthenticationTimeoutException" };

/**
 * Starts a stand-in for an Iceberg REST catalog, whose namespaces authenticated requests can list and create. It gives no
 * tokens.
 *
 * @param authorize Gives the status for an `authorization` header: 200 or a refusal.
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
    if (status !== 200) return refusal(status, REFUSALS[status] ?? "NotAuthorizedException");
    if (pathname === "/v1/oauth/tokens") return Response.json({ error: "unsupported_grant_type" }, { status: 400 });
    if (request.method === "POST") namespaces.push(JSON.parse(body).namespace);
    return Response.json(request.method === "POST" ? JSON.parse(body) : { namespaces });
  });
  return { ...server, requests };
}

function refusal(code: number, type: string): Response {
  return Response.json({ error: { code, type, message: "The request was refused" } }, { status: code });
}
