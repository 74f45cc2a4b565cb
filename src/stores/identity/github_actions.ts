import { endpoint, isLoopback } from "../../core/chain/endpoint.ts";
import { httpRefusal } from "../../core/chain/http_refusal.ts";
import { jwtClaims, jwtExpiry } from "../../core/chain/jwt_expiry.ts";
import { type OptionTypes, wrongType } from "../../core/chain/option_types.ts";
import { denied, invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { Context, Surroundings } from "../../core/chain/store_spec.ts";
import { boundedFetch } from "../../core/runtime/bounded_fetch.ts";
import { present } from "../../core/source/mapping.ts";
import { token } from "../../core/source/token.ts";

/**
 * What a mapping may ask `githubActions` for.
 *
 * @example A token for a registry
 * ```ts
 * import { defineChain, required } from "@alphaswarm/credentials";
 * import { githubActions, type GithubActionsRequest } from "@alphaswarm/credentials/identity";
 *
 * const request: GithubActionsRequest = { audience: "sigstore" };
 * const chain = defineChain({
 *   stores: { job: githubActions({ priority: 100 }) },
 *   credentials: {
 *     "sigstore:identity": { fields: { token: required() }, from: { job: request } },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface GithubActionsRequest {
  /** Whom the token is for (its `aud`); unless set, the URL of the repository's owner. */
  readonly audience?: string;
}

const REQUEST: OptionTypes<GithubActionsRequest> = { audience: "string|undefined" };

/** The variables of a job: whether it is one of GitHub Actions, and where and with what it asks for a token. */
const ACTIONS = "GITHUB_ACTIONS";
const URL_NAME = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN_NAME = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/** The size of the largest answer, after decoding. */
const MAX_BODY_BYTES = 65_536;

/**
 * Creates a store of the OpenID Connect (OIDC) token of a GitHub Actions job, which says which repository, branch and
 * workflow it is. The answer's member is `token`. Outside Actions the store is off, and sends no request. A job needs
 * `permissions: id-token: write`; without that the store is `denied`, and says so.
 *
 * The token is asked for at the address that the runner gives (`ACTIONS_ID_TOKEN_REQUEST_URL`: https, or this machine).
 * It is renewed before its `exp`, and never used after that. A token for an audience other than the requested one is
 * `invalid`; nothing else in it is verified here. See GitHub's page on [OpenID
 * Connect](https://docs.github.com/en/actions/reference/security/oidc).
 *
 * @example A job that publishes, without a secret
 * ```ts
 * import { defineChain, fromEnv, required } from "@alphaswarm/credentials";
 * import { githubActions } from "@alphaswarm/credentials/identity";
 * import { vaultKv, vaultLogin } from "@alphaswarm/credentials/vault";
 *
 * const url = fromEnv("VAULT_ADDR");
 * const chain = defineChain({
 *   stores: {
 *     kv: vaultKv({ priority: 300, url, login: "vault:token" }),
 *     login: vaultLogin({
 *       priority: 200,
 *       url,
 *       method: "jwt",
 *       role: "ci",
 *       credential: "github:identity",
 *     }),
 *     job: githubActions({ priority: 100 }),
 *   },
 *   credentials: {
 *     "github:identity": {
 *       fields: { token: required() },
 *       from: { job: { audience: "https://vault.example" } },
 *     },
 *     "vault:token": { fields: { token: required() }, from: { login: true } },
 *     "npm:publish": { fields: { token: required() }, from: { kv: "npm/publish" } },
 *   },
 * });
 * ```
 * @category Stores
 */
export const githubActions: StoreFactory<"token", object, never, GithubActionsRequest> = /* @__PURE__ */ storeKind({
  kind: "githubActions",
  shape: token,
  ambient: true,
  options: [],
  request: REQUEST,
  off: "this is not a job of GitHub Actions",
  // Hint: serving an expired token would turn "no connection" into a refusal by the service that gets it.
  onExpired: "next",
  permissions: () => ({ env: [ACTIONS, URL_NAME, TOKEN_NAME], net: ["*.actions.githubusercontent.com"] }),
  open: (_: object, surroundings) => {
    const isJob = surroundings.variable(ACTIONS);
    if (isRefusal(isJob)) return isJob;
    if (isJob !== "true") return undefined;
    const fetch = boundedFetch(surroundings.fetch, MAX_BODY_BYTES);
    return async (request: GithubActionsRequest, { signal }: Context): Promise<Token | Refusal> => {
      const mistake = wrongType(request, REQUEST);
      if (mistake) return mistake;
      const access = await accessOf(surroundings);
      if (isRefusal(access)) return access;
      const { url, authorization } = access;
      const { audience } = request;
      if (audience !== undefined) url.searchParams.set("audience", audience);
      const headers = { authorization, accept: "application/json" };
      const response = await fetch(url.href, { headers, redirect: "manual", signal });
      return response.status === 200
        ? tokenIn(await response.text(), audience)
        : httpRefusal(response, { who: TOKEN_NAME, now: surroundings.clock.now() });
    };
  },
});

/** Returns the address at which a job asks for its token, and the authorization for that. */
async function accessOf(
  { variable }: Surroundings,
): Promise<{ readonly url: URL; readonly authorization: string } | Refusal> {
  const [address, secret] = await Promise.all([variable(URL_NAME), variable(TOKEN_NAME)]);
  if (isRefusal(address)) return address;
  if (isRefusal(secret)) return secret;
  if (!present(address) || !present(secret)) {
    return denied(`${present(address) ? TOKEN_NAME : URL_NAME} is not set: the job needs permissions: id-token: write`);
  }
  if (!/^[!-~]+$/.test(secret!)) return invalid(`${TOKEN_NAME} holds characters that no token has`);
  const url = endpoint(address!, { name: URL_NAME, allowInsecureHttp: true });
  if (isRefusal(url)) return url;
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return invalid(`${URL_NAME} is plain http: expected https, or a loopback address`);
  }
  return { url, authorization: `bearer ${secret}` };
}

function tokenIn(text: string, audience: string | undefined): Token | Refusal {
  let value;
  try {
    ({ value } = Object(JSON.parse(text)));
  } catch { /* an answer without a token */ }
  if (typeof value !== "string" || value === "") return invalid(`the answer holds no token: ${URL_NAME} may be wrong`);
  const expiresAt = jwtExpiry(value);
  if (expiresAt === undefined) return invalid("the token is not a JWT with an expiry (exp)");
  if (audience !== undefined && ![jwtClaims(value)!.aud].flat().includes(audience)) {
    return invalid("the token is for another audience than was asked for");
  }
  return { values: { token: value }, expiresAt };
}
