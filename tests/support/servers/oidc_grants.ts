import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, type JWK, type JWTPayload, jwtVerify } from "npm:jose@^6";
import type { GrantContext, Provider, ResourceServer } from "./oidc_provider.d.ts";
// @ts-types="./oidc_provider.d.ts"
import { errors } from "npm:oidc-provider@^9.13.3";

/** An issuer whose tokens are exchanged, and taken as assertions. */
export interface TrustedIssuer {
  /** What stands in `iss`. */
  readonly issuer: string;
  /** Where its public keys are. */
  readonly jwksUrl: string;
}

const TYPE = "urn:ietf:params:oauth:token-type:";

/** The grants of RFC 8693 and RFC 7523, which `oidc-provider` leaves to its users. */
export class OidcGrants {
  readonly #provider: Provider;
  readonly #issuer: string;
  readonly #resource: (resource: string) => ResourceServer;
  readonly #own: ReturnType<typeof createLocalJWKSet>;
  readonly #claims = new WeakMap<object, object>();
  readonly #trusted = new Map<string, TrustedIssuer>();

  /**
   * Registers the grants at a provider.
   *
   * @param provider The provider.
   * @param issuer Its issuer.
   * @param key The key that signs its tokens.
   * @param resource Returns what is known of a resource, or throws.
   */
  constructor(
    provider: Provider,
    issuer: string,
    { kty, n, e, kid, alg }: JWK,
    resource: (resource: string) => ResourceServer,
  ) {
    this.#resource = resource;
    this.#provider = provider;
    this.#issuer = issuer;
    this.#own = createLocalJWKSet({ keys: [{ kty, kid, alg, n, e } as JWK] });
    const register = (name: string, handler: (context: GrantContext) => Promise<void>, parameters: readonly string[]) =>
      provider.registerGrantType(`urn:ietf:params:oauth:grant-type:${name}`, handler, [
        "scope",
        "resource",
        ...parameters,
      ]);
    register("token-exchange", (context) => this.#exchange(context), [
      ...["subject_token", "subject_token_type", "actor_token", "actor_token_type"],
      "requested_token_type",
    ]);
    register("jwt-bearer", (context) => this.#assert(context), ["assertion"]);
  }

  /** Returns what an access token says in addition to the claims of all of them: for whom it was exchanged. */
  claimsOf(context: object): object | undefined {
    return this.#claims.get(context);
  }

  /** Accepts the tokens of another issuer, for the audience of this one. */
  trust(trusted: TrustedIssuer): void {
    this.#trusted.set(trusted.issuer, trusted);
  }

  async #exchange(context: GrantContext): Promise<void> {
    const { subject_token: subject, actor_token: actor, requested_token_type: requested } = context.oidc.params;
    // Hint: by RFC 8693, section 2.2.2, a token that is not accepted is an invalid request.
    const refused = () => new errors.InvalidRequest("the subject or actor token is not accepted");
    const claims = await this.#verify(subject, context.oidc.params.subject_token_type, refused);
    const acting = actor && await this.#verify(actor, context.oidc.params.actor_token_type, refused);
    const issued = requested ?? `${TYPE}access_token`;
    if (issued !== `${TYPE}access_token` && issued !== `${TYPE}jwt`) throw new errors.InvalidRequest("requested type");
    await this.#issue(context, { subject: claims.sub, ...acting && { actor: acting.sub } }, {
      issued_token_type: issued,
      ...issued === `${TYPE}jwt` && { token_type: "N_A" },
    });
  }

  async #assert(context: GrantContext): Promise<void> {
    const refused = () => new errors.InvalidGrant("the assertion is not accepted");
    const { sub } = await this.#verify(context.oidc.params.assertion, `${TYPE}jwt`, refused);
    await this.#issue(context, { subject: sub });
  }

  /** Returns the claims of a token of this provider, or of an issuer that it trusts. */
  async #verify(token: string | undefined, type: string | undefined, refused: () => Error): Promise<JWTPayload> {
    try {
      const { iss = "" } = decodeJwt(token ?? "");
      const trusted = this.#trusted.get(iss);
      if (type !== `${TYPE}${trusted ? "jwt" : "access_token"}`) throw refused();
      const verified = trusted
        ? await jwtVerify(token!, createRemoteJWKSet(new URL(trusted.jwksUrl)), { issuer: iss, audience: this.#issuer })
        : await jwtVerify(token!, this.#own, { issuer: this.#issuer, typ: "at+jwt" });
      return verified.payload;
    } catch {
      throw refused();
    }
  }

  async #issue(context: GrantContext, extra: object, members: object = {}): Promise<void> {
    const { client, params: { resource, scope } } = context.oidc;
    const token = new this.#provider.ClientCredentials({ client, scope });
    if (resource !== undefined) {
      token.resourceServer = new this.#provider.ResourceServer(resource, this.#resource(resource));
    }
    this.#claims.set(context, extra);
    const value = await token.save();
    context.body = {
      access_token: value,
      token_type: "Bearer",
      expires_in: token.expiration,
      ...members,
    };
  }
}
