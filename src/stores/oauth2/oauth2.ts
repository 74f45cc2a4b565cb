/**
 * A store of OAuth 2.0 access tokens: by client credentials, token exchange, or an assertion.
 *
 * Use it for services that take a bearer token from an authorization server, such as Keycloak, Auth0 or Polaris itself.
 *
 * More: [OAuth 2.0](https://github.com/alphaswarm/credentials/blob/main/src/stores/oauth2/README.md).
 *
 * @example A token for a service
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
 *       from: {
 *         m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } },
 *       },
 *     },
 *   },
 * });
 * console.log((await getResolver(chain).find("polaris:rest"))?.expiresAt);
 * // milliseconds since 1970
 * ```
 *
 * @module
 */
import { hostsOf } from "../../core/chain/endpoint.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import { token } from "../../core/source/token.ts";
import { mistakesIn } from "./grants.ts";
import { openLook } from "./look.ts";
import { CHECKS, type OAuth2Options, TYPES } from "./options.ts";
import type { OAuth2Need } from "./sent.ts";
import { type OAuth2Request, REQUEST_TYPES } from "./token_request.ts";

export type { ClientAuthentication } from "./client_authentication.ts";
export type { Grant } from "./grants.ts";
export type { OAuth2Options } from "./options.ts";
export type { OAuth2Need } from "./sent.ts";
export type { OAuth2Request, ResourceParameter } from "./token_request.ts";

/**
 * Creates a store of access tokens: the client credentials grant (RFC 6749, section 4.4) at a token endpoint. The
 * client's own id and secret are a credential of the same chain, with `client_id` and `client_secret`, or with
 * `private_key` (PKCS #8 PEM or a JWK) for `private_key_jwt` (RFC 7523). With a key, `key_id` and `certificate` (PEM)
 * may say which one it is, by the header's `kid`, `x5t` and `x5t#S256`; Microsoft Entra and AD FS need the certificate.
 * An Ed25519 key signs as `EdDSA`, or as `Ed25519` (RFC 9864) if that is the `alg` of its JWK.
 *
 * Instead, a token of the chain may be exchanged (`grant: "token_exchange"`, RFC 8693: `subjectToken`, and `actorToken`
 * if another party acts), or presented as an assertion (`"jwt_bearer"`, RFC 7523, section 2.1: `assertion`). A token
 * may also say who the client is (`authentication: "client_assertion"`, section 2.2: `clientAssertion`), and a public
 * client does not authenticate (`"none"`). The credential of each of these needs has `token`; `client` may then be left
 * out. A token expires when its own answer says so, not with the token that it was exchanged for.
 *
 * A token is held until shortly before its expiry, and shared by all credentials with the same request. With `share`,
 * all machines of a fleet have one token (`./share`).
 *
 * @example Client credentials
 * ```ts
 * import { defineChain, env, fromEnv, required } from "@alphaswarm/credentials";
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 *
 * const chain = defineChain({
 *   stores: {
 *     m2m: oauth2({
 *       priority: 300,
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
 *       from: {
 *         m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } },
 *       },
 *     },
 *   },
 * });
 * ```
 *
 * @example Exchange a projected token, without any secret
 * ```ts
 * import { defineChain, mounted, required } from "@alphaswarm/credentials";
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 *
 * const chain = defineChain({
 *   stores: {
 *     exchange: oauth2({
 *       priority: 300,
 *       tokenEndpoint: "https://sso.example/token",
 *       grant: "token_exchange",
 *       authentication: "none",
 *       subjectToken: "own:workload",
 *       subjectTokenType: "urn:ietf:params:oauth:token-type:jwt",
 *     }),
 *     pod: mounted({ priority: 100, directory: "/var/run/secrets/tokens" }),
 *   },
 *   credentials: {
 *     "own:workload": {
 *       fields: { token: required() },
 *       from: { pod: { fields: { token: "sso" } } },
 *     },
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: {
 *         exchange: {
 *           resource: "urn:alphaswarm:polaris",
 *           fields: { token: "access_token" },
 *         },
 *       },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const oauth2: StoreFactory<"token", OAuth2Options, OAuth2Need, OAuth2Request, "1"> = /* @__PURE__ */ storeKind({
  kind: "oauth2",
  shape: token,
  share: "1",
  options: TYPES,
  request: REQUEST_TYPES,
  checks: CHECKS,
  anyOf: ["tokenEndpoint", "issuer"],
  needs: ["client?", "clientAssertion?", "subjectToken?", "actorToken?", "assertion?"],
  requires: {
    client: ["client_id"],
    clientAssertion: ["token"],
    subjectToken: ["token"],
    actorToken: ["token"],
    assertion: ["token"],
  },
  mistakes: mistakesIn,
  shows: ["grant"],
  // Hint: serving an expired bearer token would turn "no connection" into the service's own 401.
  onExpired: "next",
  permissions: (_, { tokenEndpoint, issuer }: OAuth2Options) => ({ net: hostsOf(tokenEndpoint ?? issuer) }),
  open: (options: OAuth2Options, surroundings) => openLook(options, surroundings),
});
