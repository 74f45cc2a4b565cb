import { isReference } from "../../core/chain/reference.ts";
import { type OptionTypes, wrongType } from "../../core/chain/option_types.ts";
import { invalid, type Refusal } from "../../core/chain/outcome.ts";
import type { ClientAuthentication } from "./client_authentication.ts";
import type { Grant } from "./grants.ts";
import {
  type Check,
  type OAuth2Request,
  REQUEST_CHECKS,
  REQUEST_TYPES,
  type ResourceParameter,
} from "./token_request.ts";

/**
 * The options of `oauth2`, besides the credentials that it needs; the parameters of a mapping take precedence over
 * these.
 *
 * @example Keycloak, whose scope says where a token is used
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { oauth2, type OAuth2Options } from "@alphaswarm/credentials/oauth2";
 *
 * const options: OAuth2Options = {
 *   issuer: "https://sso.example/realms/data",
 *   resourceParameter: "none",
 *   scope: "polaris",
 * };
 * const chain = defineChain({
 *   stores: {
 *     m2m: oauth2({ priority: 200, client: "m2m:client", ...options }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "m2m:client": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { env: { prefix: "M2M_" } },
 *     },
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { m2m: { fields: { token: "access_token" } } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface OAuth2Options extends OAuth2Request {
  /** The URL of the token endpoint; discovered from `issuer` unless set. */
  readonly tokenEndpoint?: string;
  /** The issuer's URL, whose metadata names the token endpoint (RFC 8414 and OpenID Connect Discovery). */
  readonly issuer?: string;
  /** How tokens are requested; `client_credentials` unless set. */
  readonly grant?: Grant;
  /** How the client authenticates; unless set, `private_key_jwt` if it has a private key and no secret, else `client_secret_basic`. */
  readonly authentication?: ClientAuthentication;
  /**
   * How `resource` is sent: as RFC 8707's parameter (unless set), as `audience` (Auth0), or not at all (`none`:
   * Keycloak and Microsoft Entra, where a scope says where the token will be used).
   */
  readonly resourceParameter?: ResourceParameter;
  /** Words that are accepted as `token_type` besides `Bearer`, in any case. */
  readonly tokenTypes?: readonly string[];
  /**
   * Whether the token of an answer without `token_type` is a bearer token. Unless set, it is, except after an exchange, which
   * may give a token of another type (RFC 8693, section 2.2.1).
   */
  readonly assumeBearer?: boolean;
  /** Allows plain http to hosts other than loopback. Anybody on the network path can read the client secret and the token. */
  readonly allowInsecureHttp?: true;
}

/** The type of each option. */
export const TYPES: OptionTypes<OAuth2Options> = {
  ...REQUEST_TYPES,
  tokenEndpoint: "string|undefined",
  issuer: "string|undefined",
  grant: "string|undefined",
  authentication: "string|undefined",
  resourceParameter: "string|undefined",
  tokenTypes: "object|undefined",
  assumeBearer: "boolean|undefined",
  allowInsecureHttp: "boolean|undefined",
};

/** Says what is wrong with an option or a parameter. */
export const CHECKS: Readonly<Record<string, Check>> = {
  ...REQUEST_CHECKS,
  tokenTypes: (value) => isListOfWords(value) ? undefined : "Expected a list of texts",
};

/** Returns the refusal for an option or a parameter that does not fit, if any. */
export function misfitIn(given: OAuth2Request, types: Readonly<Record<string, string>>): Refusal | undefined {
  const { resource = [] } = given;
  const wrong = wrongType(given, types);
  if (wrong) return wrong;
  if (![resource].flat().every((each) => typeof each === "string")) {
    return invalid("resource is not text, or a list of texts");
  }
  // Hint: when a chain is compiled, values that variables give are not known yet.
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    const problem = value === undefined ? undefined : check(value);
    if (problem) return invalid(`${name}: ${problem}`);
  }
}

function isListOfWords(value: unknown): value is readonly string[] {
  // Hint: what a variable gives is text, or is left out.
  return Array.isArray(value) && value.every((each) => typeof each === "string" || isReference(each));
}
