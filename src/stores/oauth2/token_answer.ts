import { processClientCredentialsResponse } from "oauth4webapi";
import { httpRefusal, type RefusedRequest, retryAfter } from "../../core/chain/http_refusal.ts";
import { denied, invalid, isRefusal, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { TokenServer } from "./authorization_server.ts";
import { readObject } from "./json_answer.ts";

/** The codes for a refused client or grant, at any status. */
const REFUSED_CODES = ["invalid_client", "unauthorized_client", "invalid_grant"];
/** The codes for a server that cannot answer now, at any status (RFC 6749, section 4.1.2.1). */
const PASSING_CODES = ["temporarily_unavailable", "server_error"];
/** The codes that may be shown (RFC 6749, section 5.2, and RFC 8707, section 2); any other text is foreign. */
const KNOWN_CODES = [
  ...REFUSED_CODES,
  ...PASSING_CODES,
  "invalid_request",
  "invalid_scope",
  "invalid_target",
  "unsupported_grant_type",
];

/**
 * Reads the answer of a token endpoint.
 *
 * @param response The answer, read whole.
 * @param server The server that sent it.
 * @param client The client's id.
 * @param request What a refusal says besides the status.
 * @returns The token, or the refusal.
 */
export async function readTokenAnswer(
  response: Response,
  server: TokenServer,
  client: string,
  request: RefusedRequest,
): Promise<Token | Refusal> {
  const { status } = response;
  const read = await readObject(response);
  const body = isRefusal(read) ? {} : read;
  const code = codeOf(body);
  if (code !== undefined && REFUSED_CODES.includes(code)) {
    return denied(
      `${request.who} was refused (HTTP ${status}, ${code})`,
      code === "invalid_client" ? { need: "client" } : {},
    );
  }
  if (code !== undefined && PASSING_CODES.includes(code)) {
    return unavailable(`the server answered HTTP ${status}, ${code}`, retryAfter(response.headers, request.now));
  }
  // Hint: not every server names the error of a client that it does not accept.
  if (status === 401) return { ...httpRefusal(response, { ...request, code }), need: "client" };
  if (status !== 200) return httpRefusal(response, { ...request, code });
  if (isRefusal(read)) return read;
  if (Object.hasOwn(body, "error")) {
    return invalid(`the server answered HTTP 200, ${code ?? "with an error in it"}`);
  }
  // Hint: the lifetime is checked with that of every other token, and an ID token has no use here.
  const { expires_in: expiresIn, id_token: _, ...rest } = body;
  if (typeof rest.token_type === "string" && rest.token_type.toLowerCase() !== "bearer") {
    return invalid("the token_type of the answer is not Bearer");
  }
  // Hint: only what is used is checked again, since some runtimes cannot serialise every member that they could parse.
  const used = { access_token: textOf(rest.access_token), token_type: textOf(rest.token_type) };
  const answer = new Response(JSON.stringify(used), { headers: response.headers });
  const values = await processClientCredentialsResponse(server, { client_id: client }, answer)
    .catch(() => invalid("the answer is not a token response (RFC 6749, section 5.1)"));
  return isRefusal(values) ? values : { values: { ...rest, ...values }, expiresIn };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function codeOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const error = Object.hasOwn(body, "error") ? body.error : undefined;
  return typeof error === "string" && KNOWN_CODES.includes(error) ? error : undefined;
}
