import { whoOf } from "../../core/chain/http_refusal.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Context, NeededCredential } from "../../core/chain/store_spec.ts";
import type { Grant } from "./grants.ts";

/**
 * The credentials that `oauth2` may need: the client, and each that holds a token.
 *
 * @example The credentials of an exchange
 * ```ts
 * import { oauth2, type OAuth2Need } from "@alphaswarm/credentials/oauth2";
 *
 * // Each of them is an option.
 * const needs: readonly OAuth2Need[] = ["client?", "subjectToken?"];
 * const exchange = oauth2({
 *   priority: 300,
 *   tokenEndpoint: "https://sso.example/token",
 *   grant: "token_exchange",
 *   client: "own:client",
 *   subjectToken: "own:workload",
 * });
 * console.log(exchange.needs); // ["own:client", "own:workload"]
 * ```
 * @category Stores
 */
export type OAuth2Need = "client?" | "clientAssertion?" | "subjectToken?" | "actorToken?" | "assertion?";

/** The needed credentials of a request by their options, in the order in which a message names them. */
export interface Needed {
  readonly clientAssertion: NeededCredential | undefined;
  readonly client: NeededCredential | undefined;
  readonly subjectToken: NeededCredential | undefined;
  readonly actorToken: NeededCredential | undefined;
  readonly assertion: NeededCredential | undefined;
}

/** What a request was sent with. */
export interface Sent {
  readonly grant: Grant;
  readonly needed: Needed;
  /** Whether it names an audience. */
  readonly hasAudience: boolean;
  /** The need that was refused last, unless the server has answered since. */
  readonly refused?: string | undefined;
}

/** Resolves the credentials that a request is sent with, as far as the chain names them. */
export async function resolveNeeded({ need }: Context<OAuth2Need>): Promise<Needed> {
  return {
    clientAssertion: await need("clientAssertion"),
    client: await need("client"),
    subjectToken: await need("subjectToken"),
    actorToken: await need("actorToken"),
    assertion: await need("assertion"),
  };
}

/** The type of a token if the chain names none (RFC 8693, section 3). */
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

const TOKENS = [["subjectToken", "subject_token"], ["actorToken", "actor_token"], ["assertion", "assertion"]] as const;

/** Adds the tokens that a grant sends to the parameters of a request; returns a refusal if one cannot be sent. */
export function addTokens(parameters: URLSearchParams, needed: Needed): Refusal | undefined {
  for (const [name, parameter] of TOKENS) {
    const credential = needed[name];
    if (!credential) continue;
    const token = tokenIn(credential);
    if (isRefusal(token)) return token;
    parameters.set(parameter, token);
    const type = `${parameter}_type`;
    if (name !== "assertion" && !parameters.has(type)) parameters.set(type, ACCESS_TOKEN);
  }
}

/** Returns the token that a needed credential holds. */
export function tokenIn(credential: NeededCredential): string | Refusal {
  const token = credential.get("token");
  return typeof token === "string" ? token : invalid(`token of ${whoOf(credential)} is not text`);
}

/** Whom an answer refuses. */
export interface Refused {
  readonly who: string;
  /** The need that was refused; absent if another credential in its place would not help. */
  readonly need?: keyof Needed | undefined;
  /** What else may be wrong, as the end of a detail. */
  readonly hint?: string;
}

/** Returns whom an answer refuses, by its status and, if known, its code. */
export function refusedOf({ grant, needed, hasAudience, refused }: Sent, status: number, code?: string): Refused {
  const { clientAssertion, client, subjectToken, actorToken, assertion } = needed;
  // Hint: a server does not say which of two tokens it refuses.
  const ofSubject = actorToken && refused === "subjectToken" ? "actorToken" : "subjectToken";
  const presented = subjectToken ? ofSubject : assertion ? "assertion" : undefined;
  const tokens = namesOf(subjectToken, actorToken, assertion);
  if (code === "invalid_grant" && presented) return { who: tokens, need: presented };
  if (code === "invalid_request" && grant === "token_exchange") {
    return { who: tokens, need: presented, hint: ", or a parameter of the request is wrong" };
  }
  const isOfClient = status === 401 || code === "invalid_client";
  const clients = namesOf(clientAssertion, client);
  if (clients === "") {
    if (code === "invalid_client") return { who: "the request", hint: ": the server expects a client" };
    return { who: tokens, need: isOfClient ? presented : undefined };
  }
  if (isOfClient) {
    // Hint: Keycloak answers this for an audience that it does not know.
    const hint = status === 400 && presented && hasAudience ? ", or the audience is not known" : "";
    return { who: clients, need: clientAssertion ? "clientAssertion" : "client", hint };
  }
  return { who: code === "unauthorized_client" || !presented ? clients : `${clients} with ${tokens}` };
}

function namesOf(...credentials: readonly (NeededCredential | undefined)[]): string {
  return credentials.flatMap((each) => each ? [whoOf(each)] : []).join(" with ");
}
