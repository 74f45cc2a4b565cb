import { isReference } from "../../core/chain/reference.ts";

/**
 * How a token is requested: RFC 6749, section 4.4; RFC 8693; RFC 7523, section 2.1.
 *
 * @example Present the assertion of another issuer
 * ```ts
 * import { defineChain, mounted, required } from "@alphaswarm/credentials";
 * import { type Grant, oauth2 } from "@alphaswarm/credentials/oauth2";
 *
 * const grant: Grant = "jwt_bearer";
 * const tokenEndpoint = "https://sso.example/token";
 * const chain = defineChain({
 *   stores: {
 *     sso: oauth2({
 *       priority: 200,
 *       tokenEndpoint,
 *       grant,
 *       assertion: "pod:identity",
 *       authentication: "none",
 *     }),
 *     pod: mounted({ priority: 100, directory: "/var/run/secrets/tokens" }),
 *   },
 *   credentials: {
 *     "pod:identity": {
 *       fields: { token: required() },
 *       from: { pod: { fields: { token: "sso" } } },
 *     },
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { sso: { fields: { token: "access_token" } } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export type Grant = "client_credentials" | "token_exchange" | "jwt_bearer";

/** The `grant_type` of each grant, and the need whose token it sends. */
export const GRANTS: Readonly<Record<Grant, { readonly type: string; readonly sends?: "subjectToken" | "assertion" }>> =
  {
    client_credentials: { type: "client_credentials" },
    token_exchange: { type: "urn:ietf:params:oauth:grant-type:token-exchange", sends: "subjectToken" },
    jwt_bearer: { type: "urn:ietf:params:oauth:grant-type:jwt-bearer", sends: "assertion" },
  };

/** The grant that each of these options belongs to. */
const OWNERS: Readonly<Record<string, Grant>> = {
  subjectToken: "token_exchange",
  actorToken: "token_exchange",
  subjectTokenType: "token_exchange",
  actorTokenType: "token_exchange",
  requestedTokenType: "token_exchange",
  assertion: "jwt_bearer",
};

type Given = Readonly<Record<string, unknown>>;
type Mistake = readonly [option: string, problem: string];

const KEY = "Expected the key of a credential with";

/** Returns which options of a store do not fit together, except where a reference decides, which is not known yet. */
export function mistakesIn(options: Given): readonly Mistake[] {
  const { grant = "client_credentials", authentication } = options;
  const ofGrant = isReference(grant) ? [] : mistakesInGrant(options, grant);
  return isReference(authentication) ? ofGrant : [...ofGrant, ...mistakesInClient(options, grant)];
}

function mistakesInGrant(options: Given, grant: unknown): readonly Mistake[] {
  if (typeof grant !== "string" || !Object.hasOwn(GRANTS, grant)) {
    return [["grant", `Expected ${Object.keys(GRANTS).join(", ")}`]];
  }
  const { sends } = GRANTS[grant as Grant];
  const misplaced = misplacedIn(options, grant as Grant, options.actorToken !== undefined);
  if (sends === undefined || options[sends] !== undefined) return misplaced;
  return [...misplaced, [sends, `${KEY} token, which grant: "${grant}" sends`]];
}

/** Returns the options or parameters that belong to another grant, or to a missing actor. */
export function misplacedIn(given: Given, grant: Grant, hasActor: boolean): readonly Mistake[] {
  const misplaced = Object.entries(OWNERS).filter(([name, owner]) => given[name] !== undefined && owner !== grant)
    .map(([name, owner]): Mistake => [name, `Belongs to grant: "${owner}": set that, or remove this`]);
  if (misplaced.length > 0 || hasActor || given.actorTokenType === undefined) return misplaced;
  return [["actorTokenType", "Belongs to an actorToken: give that, or remove this"]];
}

function mistakesInClient({ authentication, client, clientAssertion }: Given, grant: unknown): readonly Mistake[] {
  const isAsserted = authentication === "client_assertion";
  const isNone = authentication === "none";
  const isForConfidential = grant === "client_credentials";
  const mistakes: Mistake[] = [];
  if (isAsserted && clientAssertion === undefined) {
    mistakes.push(["clientAssertion", `${KEY} token, which the client authenticates with`]);
  }
  if (!isAsserted && clientAssertion !== undefined) {
    mistakes.push(["clientAssertion", 'Belongs to authentication: "client_assertion": set that, or remove this']);
  }
  if (isNone && isForConfidential) {
    mistakes.push(["authentication", 'Expected another one than "none", unless grant is another one too']);
  }
  if (!isNone && !isAsserted && client === undefined) {
    const others = isForConfidential ? '"client_assertion"' : '"client_assertion" or "none"';
    mistakes.push(["client", `${KEY} client_id, or authentication: ${others}`]);
  }
  return mistakes;
}
