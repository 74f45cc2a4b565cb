import type { IncomingMessage, ServerResponse } from "node:http";
import { createLocalJWKSet, decodeJwt, type JWK, jwtVerify } from "npm:jose@^6";

/** A service that requires a bearer token (RFC 6750) of its authorization server. */
export class ProtectedResource {
  readonly #issuer: string;
  readonly #keys: ReturnType<typeof createLocalJWKSet>;
  readonly #revoked = new Set<string>();

  /**
   * Creates the service.
   *
   * @param issuer The issuer of the tokens.
   * @param key The key that signs them.
   */
  constructor(issuer: string, key: JWK) {
    const { kty, n, e, kid, alg } = key;
    this.#issuer = issuer;
    this.#keys = createLocalJWKSet({ keys: [{ kty, kid, alg, n, e } as JWK] });
  }

  /**
   * Refuses a token from now on.
   *
   * @param token The access token.
   */
  revoke(token: string): void {
    const { jti } = decodeJwt(token);
    if (jti === undefined) throw new TypeError("Cannot revoke a token without an identifier");
    this.#revoked.add(jti);
  }

  /**
   * Answers one request: 200 with claims of the token, those of an exchange too, or 401.
   *
   * @param path The path, `/protected/NAME` for the resource `urn:alphaswarm:NAME`.
   * @param request The request.
   * @param response Its response.
   */
  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = /^Bearer (?<token>[^ ]+)$/i.exec(request.headers.authorization ?? "")?.groups?.token;
    if (token === undefined) return refuse(response, "Bearer");
    const audience = `urn:alphaswarm:${path.slice("/protected/".length)}`;
    try {
      const { payload } = await jwtVerify(token, this.#keys, { audience, issuer: this.#issuer, typ: "at+jwt" });
      if (payload.jti === undefined || this.#revoked.has(payload.jti)) {
        return refuse(response, 'Bearer error="invalid_token"');
      }
      const { subject, actor } = payload;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ client_id: payload.client_id, audience, token_id: payload.jti, subject, actor }));
    } catch {
      refuse(response, 'Bearer error="invalid_token"');
    }
  }
}

function refuse(response: ServerResponse, challenge: string): void {
  response.writeHead(401, { "www-authenticate": challenge }).end();
}
