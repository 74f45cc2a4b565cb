import { type ClientAuth, genericTokenEndpointRequest } from "oauth4webapi";
import { unlessTooLarge } from "../../core/chain/http_refusal.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { Context, Look, Surroundings } from "../../core/chain/store_spec.ts";
import { requestOptions, type TokenServerFinder, tokenServerFinder } from "./authorization_server.ts";
import {
  authenticate,
  CLIENT_AUTHENTICATIONS,
  hintAfter,
  isClientAuthentication,
  methodOf,
} from "./client_authentication.ts";
import { type Grant, GRANTS, misplacedIn, mistakesIn } from "./grants.ts";
import { misfitIn, type OAuth2Options, TYPES } from "./options.ts";
import { addTokens, type OAuth2Need, resolveNeeded, type Sent, tokenIn } from "./sent.ts";
import { type Accepted, readTokenAnswer } from "./token_answer.ts";
import { type OAuth2Request, REQUEST_TYPES, type TokenRequest, tokenRequest } from "./token_request.ts";

/** What the tokens of a store are requested with, besides the request. */
interface Opened {
  readonly options: OAuth2Options & { readonly grant: Grant };
  readonly finder: TokenServerFinder;
  readonly accepted: Accepted;
  readonly surroundings: Surroundings;
  /** The need that was refused last, unless the server has answered since. */
  refused?: string | undefined;
}

/** Returns the look-up of a store with these options, or why they do not fit. */
export function openLook(
  options: OAuth2Options,
  surroundings: Surroundings,
): Look<"token", OAuth2Request, OAuth2Need> | Refusal {
  const mistake = misfitIn(options, TYPES);
  if (mistake) return mistake;
  const { authentication, grant = "client_credentials", tokenTypes = [], assumeBearer } = options;
  if (authentication !== undefined && !isClientAuthentication(authentication)) {
    return invalid(`authentication is not a known method: expected ${CLIENT_AUTHENTICATIONS.join(", ")}`);
  }
  const [unfit] = mistakesIn({ ...options });
  if (unfit) return invalid(unfit.join(": "));
  const finder = tokenServerFinder(options, surroundings);
  if (isRefusal(finder)) return finder;
  const isExchange = grant === "token_exchange";
  const accepted: Accepted = {
    tokenTypes: isExchange ? [...tokenTypes, "N_A"] : tokenTypes,
    // Hint: an exchange may give something other than an access token.
    assumesBearer: assumeBearer ?? !isExchange,
  };
  const opened: Opened = { options: { ...options, grant }, finder, accepted, surroundings };
  return (request, context) => obtain(opened, request, context);
}

async function obtain(
  opened: Opened,
  request: OAuth2Request,
  context: Context<OAuth2Need>,
): Promise<Token | Refusal> {
  const { options: { grant, ...options }, surroundings: { clock } } = opened;
  const mistake = misfitIn(request, REQUEST_TYPES);
  if (mistake) return mistake;
  const asked = tokenRequest(options, request);
  if (isRefusal(asked)) return asked;
  const needed = await resolveNeeded(context);
  const { client, clientAssertion, actorToken } = needed;
  const [misplaced] = misplacedIn({ ...request }, grant, actorToken !== undefined);
  if (misplaced) return invalid(misplaced.join(": "));
  const unsent = addTokens(asked.parameters, needed);
  if (unsent) return unsent;
  const assertion = clientAssertion && tokenIn(clientAssertion);
  if (isRefusal(assertion)) return assertion;
  const { authentication = methodOf(client) } = options;
  const proof = await authenticate({ method: authentication, client, assertion }, clock);
  if (isRefusal(proof)) return proof;
  const sent: Sent = { grant, needed, hasAudience: asked.parameters.has("audience"), refused: opened.refused };
  const response = await send(opened, sent, asked, proof, context.signal);
  if (isRefusal(response)) return response;
  const now = clock.now();
  const answer = await readTokenAnswer(response, { now, sent, option: opened.finder.option, ...opened.accepted });
  opened.refused = isRefusal(answer) ? answer.need : undefined;
  if (!isRefusal(answer)) return answer;
  opened.finder.forget();
  const hint = hintAfter(answer, response, { authentication, client, now });
  const { issued, ...refusal } = answer;
  // Hint: the clock is this machine's alone.
  const isIssued = issued && !(hint && authentication === "private_key_jwt");
  return { ...refusal, detail: answer.detail + hint, ...(isIssued && { issued }) };
}

async function send(
  { finder, surroundings: { fetch } }: Opened,
  { grant, needed: { client } }: Sent,
  { parameters, headers }: TokenRequest,
  proof: ClientAuth,
  signal: AbortSignal,
): Promise<Response | Refusal> {
  const server = await finder.find(signal);
  if (isRefusal(server)) return server;
  return await genericTokenEndpointRequest(
    { ...server },
    // Hint: the library always wants an id, and sends it only if the method of authentication does.
    { client_id: String(client?.get("client_id") ?? "none") },
    proof,
    GRANTS[grant].type,
    parameters,
    { headers, ...requestOptions(fetch, signal) },
  ).catch((error) => {
    finder.forget();
    throw unlessTooLarge(error, finder.option);
  });
}
