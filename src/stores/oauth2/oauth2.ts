/**
 * A store of access tokens by the client credentials grant of OAuth 2.0.
 *
 * @example
 * ```ts
 * import { defineChain, env, flag, fromEnv, getResolver, required } from "@alphaswarm/credentials";
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 *
 * const chain = defineChain({
 *   stores: {
 *     m2m: oauth2({
 *       priority: 300,
 *       enabled: flag("M2M_ENABLED"),
 *       tokenEndpoint: fromEnv("TOKEN_URL"),
 *       client: "m2m:client",
 *     }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "m2m:client": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { env: { prefix: "M2M_" } },
 *     },
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } } },
 *     },
 *   },
 * });
 * console.log((await getResolver(chain).find("polaris:rest"))?.expiresAt); // milliseconds since 1970
 * ```
 *
 * @module
 */
import { clientCredentialsGrantRequest } from "oauth4webapi";
import { hostsOf } from "../../core/chain/endpoint.ts";
import { unlessTooLarge } from "../../core/chain/http_refusal.ts";
import { type OptionTypes, wrongType } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import { isReference } from "../../core/chain/reference.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { Context } from "../../core/chain/store_spec.ts";
import { token } from "../../core/source/token.ts";
import { requestOptions, tokenServerFinder } from "./authorization_server.ts";
import {
  authenticate,
  CLIENT_AUTHENTICATIONS,
  type ClientAuthentication,
  hintAfter,
  isClientAuthentication,
  methodOf,
} from "./client_authentication.ts";
import { readTokenAnswer } from "./token_answer.ts";
import {
  type OAuth2Request,
  REQUEST_CHECKS,
  REQUEST_TYPES,
  type ResourceParameter,
  tokenRequest,
} from "./token_request.ts";

export type { ClientAuthentication } from "./client_authentication.ts";
export type { OAuth2Request, ResourceParameter } from "./token_request.ts";

/** The options of `oauth2`, besides `client`; the parameters of a mapping take precedence over these. @category Stores */
export interface OAuth2Options extends OAuth2Request {
  /** The URL of the token endpoint; discovered from `issuer` unless set. */
  readonly tokenEndpoint?: string;
  /** The issuer's URL, whose metadata names the token endpoint (RFC 8414 and OpenID Connect Discovery). */
  readonly issuer?: string;
  /** How the client authenticates; unless set, `private_key_jwt` if it has a private key and no secret, else `client_secret_basic`. */
  readonly authentication?: ClientAuthentication;
  /**
   * How `resource` is sent: as RFC 8707's parameter unless set, as `audience` (Auth0), or not at all (`none`; Keycloak and
   * Microsoft Entra, where a scope says where the token is to be used).
   */
  readonly resourceParameter?: ResourceParameter;
  /** Words that are accepted as `token_type` besides `Bearer`, in any case. */
  readonly tokenTypes?: readonly string[];
  /** Allows plain http to hosts other than loopback. Anybody on the network path can read the client secret and the token. */
  readonly allowInsecureHttp?: true;
}

const TYPES: OptionTypes<OAuth2Options> = {
  ...REQUEST_TYPES,
  tokenEndpoint: "string|undefined",
  issuer: "string|undefined",
  authentication: "string|undefined",
  resourceParameter: "string|undefined",
  tokenTypes: "object|undefined",
  allowInsecureHttp: "boolean|undefined",
};

const CHECKS = {
  ...REQUEST_CHECKS,
  tokenTypes: (value: unknown) => isListOfWords(value) ? undefined : "Expected a list of texts",
};

/**
 * Creates a store of access tokens: the client credentials grant (RFC 6749, section 4.4) at a token endpoint. The client's
 * own id and secret are a credential of the same chain, with `client_id` and `client_secret`, or with `private_key` (PKCS #8
 * PEM or a JWK) for `private_key_jwt` (RFC 7523). There, `key_id` and `certificate` (PEM) may say which key it is, by the
 * header's `kid`, `x5t` and `x5t#S256`; Microsoft Entra and AD FS need the certificate. An Ed25519 key signs as `EdDSA`, or
 * as `Ed25519` (RFC 9864) if that is the `alg` of its JWK.
 *
 * A token is held until shortly before its expiry, and shared by all credentials that ask for the same. With `share`, all
 * machines of a fleet have one token (`./share`).
 *
 * @example
 * ```ts
 * import { defineChain, env, fromEnv, required } from "@alphaswarm/credentials";
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 *
 * const chain = defineChain({
 *   stores: {
 *     m2m: oauth2({ priority: 300, tokenEndpoint: fromEnv("TOKEN_URL"), client: "m2m:client" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "m2m:client": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { env: { prefix: "M2M_" } },
 *     },
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const oauth2: StoreFactory<"token", OAuth2Options, "client", OAuth2Request, "1"> = /* @__PURE__ */ storeKind({
  kind: "oauth2",
  shape: token,
  share: "1",
  options: TYPES,
  request: REQUEST_TYPES,
  checks: CHECKS,
  anyOf: ["tokenEndpoint", "issuer"],
  needs: ["client"],
  requires: { client: ["client_id"] },
  // Hint: with an expired bearer token, "no connection" would become the service's own 401.
  onExpired: "next",
  permissions: (_, { tokenEndpoint, issuer }: OAuth2Options) => ({ net: hostsOf(tokenEndpoint ?? issuer) }),
  open: (options: OAuth2Options, surroundings) => {
    const mistake = misfitIn(options, TYPES);
    if (mistake) return mistake;
    const { authentication: given, tokenTypes = [] } = options;
    if (given !== undefined && !isClientAuthentication(given)) {
      return invalid(`authentication is not a known method: expected ${CLIENT_AUTHENTICATIONS.join(", ")}`);
    }
    const finder = tokenServerFinder(options, surroundings);
    if (isRefusal(finder)) return finder;
    return async (request: OAuth2Request, context: Context<"client">): Promise<Token | Refusal> => {
      const mistake = misfitIn(request, REQUEST_TYPES);
      if (mistake) return mistake;
      const asked = tokenRequest(options, request);
      if (isRefusal(asked)) return asked;
      const client = await context.need("client");
      const authentication = given ?? methodOf(client);
      const proof = await authenticate(authentication, client, surroundings.clock);
      if (isRefusal(proof)) return proof;
      const server = await finder.find(context.signal);
      if (isRefusal(server)) return server;
      const response = await clientCredentialsGrantRequest(
        { ...server },
        { client_id: String(client.get("client_id")) },
        proof,
        asked.parameters,
        { headers: asked.headers, ...requestOptions(surroundings.fetch, context.signal) },
      ).catch((error) => {
        finder.forget();
        throw unlessTooLarge(error, finder.option);
      });
      const now = surroundings.clock.now();
      const who = `"${client.key}" from "${client.source}"`;
      const answer = await readTokenAnswer(response, { now, who, tokenTypes, option: finder.option });
      if (!isRefusal(answer)) return answer;
      finder.forget();
      const hint = hintAfter(answer, response, { authentication, client, now });
      const { issued, ...refusal } = answer;
      // Hint: a clock is that of one machine.
      const isIssued = issued && !(hint && authentication === "private_key_jwt");
      return { ...refusal, detail: answer.detail + hint, ...(isIssued && { issued }) };
    };
  },
});

/** Returns why an option or a parameter does not fit; nothing where all do. */
function misfitIn(given: OAuth2Request, types: Readonly<Record<string, string>>): Refusal | undefined {
  const { resource = [] } = given;
  const wrong = wrongType(given, types);
  if (wrong) return wrong;
  if (![resource].flat().every((each) => typeof each === "string")) {
    return invalid("resource is not text, or a list of texts");
  }
  // Hint: the compiler of the chain knows no value that a variable gives.
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    const problem = value === undefined ? undefined : check(value);
    if (problem) return invalid(`${name}: ${problem}`);
  }
}

function isListOfWords(value: unknown): value is readonly string[] {
  // Hint: what a variable gives is text, or left out.
  return Array.isArray(value) && value.every((each) => typeof each === "string" || isReference(each));
}
