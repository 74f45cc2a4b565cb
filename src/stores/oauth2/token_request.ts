import { joined, type OptionTypes } from "../../core/chain/option_types.ts";
import { invalid, type Refusal } from "../../core/chain/outcome.ts";
import { isReference } from "../../core/chain/reference.ts";
import { isPlain } from "../../core/source/data.ts";
import { problemInHeader, problemInParameter } from "./reserved_names.ts";

/**
 * The parameters of a token request.
 *
 * @example Two tokens of one client
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { oauth2, type OAuth2Request } from "@alphaswarm/credentials/oauth2";
 *
 * const read: OAuth2Request = {
 *   scope: "catalog:read",
 *   resource: "https://polaris.example",
 * };
 * const admin: OAuth2Request = {
 *   ...read,
 *   scope: "catalog:admin",
 *   headers: { "Polaris-Realm": "data" },
 * };
 * const m2m = oauth2({
 *   priority: 200,
 *   tokenEndpoint: "https://sso.example/token",
 *   client: "m2m:client",
 * });
 * const chain = defineChain({
 *   stores: { m2m, env: env({ priority: 100 }) },
 *   credentials: {
 *     "m2m:client": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { env: { prefix: "M2M_" } },
 *     },
 *     "polaris:read": {
 *       fields: { token: required() },
 *       from: { m2m: { ...read, fields: { token: "access_token" } } },
 *     },
 *     "polaris:admin": {
 *       fields: { token: required() },
 *       from: { m2m: { ...admin, fields: { token: "access_token" } } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface OAuth2Request {
  /** The scopes, separated by spaces (RFC 6749, section 3.3). */
  readonly scope?: string;
  /** The resource indicators: where the token will be used (RFC 8707); `resourceParameter` says how they are sent. */
  readonly resource?: string | readonly string[];
  /** The audience, for servers that take it instead of `resource`. */
  readonly audience?: string;
  /**
   * The type of the token that is exchanged (RFC 8693, section 3); `urn:ietf:params:oauth:token-type:access_token` unless
   * set. A projected token is a `urn:ietf:params:oauth:token-type:jwt`.
   */
  readonly subjectTokenType?: string;
  /** The type of the `actorToken`; `urn:ietf:params:oauth:token-type:access_token` unless set. */
  readonly actorTokenType?: string;
  /**
   * The type of token that an exchange should give; unless set, the server chooses. `issued_token_type` in the answer
   * says which it is.
   */
  readonly requestedTokenType?: string;
  /**
   * Further parameters of the token request, such as Auth0's `organization`. Those of a mapping are added to those of
   * the store, and replace those of the same name; an empty text leaves a parameter out.
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * Further headers of the token request, such as `Polaris-Realm`; a mapping's and the store's are joined in the same
   * way as `parameters`.
   */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * How the `resource` of a token request is sent.
 *
 * @example Auth0 calls it audience
 * ```ts
 * import { oauth2, type ResourceParameter } from "@alphaswarm/credentials/oauth2";
 *
 * const resourceParameter: ResourceParameter = "audience";
 * const issuer = "https://tenant.eu.auth0.com/";
 * const resource = "https://api.example";
 * const auth0 = oauth2({
 *   priority: 200,
 *   issuer,
 *   client: "auth0:client",
 *   resource,
 *   resourceParameter,
 * });
 * ```
 * @category Stores
 */
export type ResourceParameter = "resource" | "audience" | "none";

/** What a token request is built from. */
export interface RequestOptions extends OAuth2Request {
  readonly resourceParameter?: ResourceParameter;
}

/** A token request without the client's authentication. */
export interface TokenRequest {
  readonly parameters: URLSearchParams;
  readonly headers: Headers;
}

/** The types of the parameters that a mapping may have. */
export const REQUEST_TYPES: OptionTypes<OAuth2Request> = {
  scope: "string|undefined",
  resource: "string|object|undefined",
  audience: "string|undefined",
  subjectTokenType: "string|undefined",
  actorTokenType: "string|undefined",
  requestedTokenType: "string|undefined",
  parameters: "object|undefined",
  headers: "object|undefined",
};

const problemInType: Check = (value) =>
  typeof value !== "string" || value.includes(":")
    ? undefined
    : "Expected a URI, such as urn:ietf:params:oauth:token-type:jwt";

/** Says what is wrong with an option or a parameter. */
export const REQUEST_CHECKS: Readonly<Record<keyof typeof TOKEN_TYPES | "parameters" | "headers", Check>> = {
  subjectTokenType: problemInType,
  actorTokenType: problemInType,
  requestedTokenType: problemInType,
  parameters: (value) => problemInRecord(value, problemInParameter),
  headers: (value) => problemInRecord(value, problemInHeader),
};

/** Says what is wrong with a value, if anything. */
export type Check = (value: unknown) => string | undefined;

/** The parameters of token types, by their options. */
const TOKEN_TYPES = {
  subjectTokenType: "subject_token_type",
  actorTokenType: "actor_token_type",
  requestedTokenType: "requested_token_type",
} as const;

const RESOURCE_PARAMETERS: readonly ResourceParameter[] = ["resource", "audience", "none"];

/** Returns the parameters and headers of a request: those of the mapping, else those of the store. */
export function tokenRequest(store: RequestOptions, mapping: OAuth2Request): TokenRequest | Refusal {
  const { resourceParameter = "resource" } = store;
  if (!RESOURCE_PARAMETERS.includes(resourceParameter)) {
    return invalid(`resourceParameter is not a known word: expected ${RESOURCE_PARAMETERS.join(", ")}`);
  }
  const all = joined<RequestOptions>(store, mapping);
  const { scope, resource = [], audience } = all;
  const resources = resourceParameter === "none" ? [] : [resource].flat().filter((one) => one !== "");
  if (resourceParameter === "audience" && resources.length + (audience ? 1 : 0) > 1) {
    return invalid(
      audience
        ? "both audience and resource are set, and resourceParameter sends resource as audience: expected one of them"
        : "several resources cannot be sent as audience: expected one",
    );
  }
  const parameters = new URLSearchParams();
  if (scope) parameters.set("scope", scope);
  for (const one of resources) parameters.append(resourceParameter, one);
  if (audience) parameters.set("audience", audience);
  for (const [name, parameter] of Object.entries(TOKEN_TYPES)) {
    const type = all[name as keyof typeof TOKEN_TYPES];
    if (type) parameters.set(parameter, type);
  }
  for (const [name, value] of Object.entries(joined(store.parameters ?? {}, mapping.parameters))) {
    // Hint: to servers, a parameter without a value counts as left out (RFC 6749, section 3.2).
    if (value !== "") parameters.set(name, value);
  }
  const headers = new Headers();
  for (const [name, value] of [store.headers, mapping.headers].flatMap((all) => Object.entries(all ?? {}))) {
    if (value === "") headers.delete(name);
    else if (value !== undefined) headers.set(name, value);
  }
  return { parameters, headers };
}

function problemInRecord(
  record: unknown,
  problemIn: (name: string, value: string | undefined) => string | undefined,
): string | undefined {
  if (!isPlain(record) || Array.isArray(record)) return "Expected an object of texts";
  for (const [name, value] of Object.entries(record)) {
    // Hint: what a variable gives is checked once it has been read.
    const text = isReference(value) ? undefined : value;
    const problem = text === undefined || typeof text === "string"
      ? problemIn(name, text)
      : `${JSON.stringify(name)} is not text`;
    if (problem) return problem;
  }
}
