import { processClientCredentialsResponse } from "oauth4webapi";
import { denied, invalid, isRefusal, type Refusal } from "../outcome.ts";
import type { Token } from "../shapes/shape.ts";
import type { TokenServer } from "./authorization_server.ts";
import { httpRefusal, type RefusedRequest } from "./http_refusal.ts";

/** A refused client or grant, whatever the status. */
const REFUSED = ["invalid_client", "unauthorized_client", "invalid_grant"];
/** The codes that may be named (RFC 6749, section 5.2, and RFC 8707, section 2); others could be anything. */
const CODES = [...REFUSED, "invalid_request", "invalid_scope", "invalid_target", "unsupported_grant_type"];

/**
 * What a token endpoint's answer means.
 *
 * @param response The answer, read whole.
 * @param server The server that gave it.
 * @param client The client's id.
 * @param request What a refusal says besides.
 * @returns The token, or the refusal.
 */
export async function readTokenAnswer(
  response: Response,
  server: TokenServer,
  client: string,
  request: RefusedRequest,
): Promise<Token | Refusal> {
  const { status } = response;
  const body = parseObject(await response.text());
  const code = body && codeOf(body);
  if (code !== undefined && REFUSED.includes(code)) {
    return denied(`${request.who} was refused (HTTP ${status}, ${code})`);
  }
  if (status !== 200) return httpRefusal(response, { ...request, code });
  if (!body) return invalid("the answer is no JSON object");
  if (Object.hasOwn(body, "error")) return invalid(code === undefined ? "an error in an answer of HTTP 200" : code);
  // Hint: the lifetime is judged with everything else that expires, and an ID token is of no use here.
  const { expires_in: expiresIn, id_token: _, ...rest } = body;
  if (typeof rest.token_type === "string" && rest.token_type.toLowerCase() !== "bearer") {
    return invalid("the token_type is not Bearer");
  }
  const answer = new Response(JSON.stringify(rest), { headers: response.headers });
  const values = await processClientCredentialsResponse(server, { client_id: client }, answer)
    .catch(() => invalid("the answer is no token answer"));
  return isRefusal(values) ? values : { values: { ...values }, expiresIn };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const error = Object.hasOwn(body, "error") ? body.error : undefined;
  return typeof error === "string" && CODES.includes(error) ? error : undefined;
}
