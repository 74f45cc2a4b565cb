import { atWrongUrl, httpRefusal, isElsewhere, retryAfter } from "../../core/chain/http_refusal.ts";
import { denied, invalid, isRefusal, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import { present } from "../../core/source/mapping.ts";
import { codeIn, PASSING_CODES, REFUSED_CODES, VENDOR_REFUSED_CODES, WRONG_REQUEST_CODES } from "./error_codes.ts";
import { readObject } from "./json_answer.ts";
import { refusedOf, type Sent } from "./sent.ts";

/** What a store accepts in an answer. */
export interface Accepted {
  /** The values that are accepted as `token_type` besides `Bearer`. */
  readonly tokenTypes: readonly string[];
  /** Whether an answer may leave out `token_type`, which is then taken to be Bearer. */
  readonly assumesBearer: boolean;
}

/** What is known about a token request besides its answer. */
export interface AnsweredRequest extends Accepted {
  /** What was sent. */
  readonly sent: Sent;
  readonly now: number;
  /** The option that gave the URL, for an answer that does not come from a token endpoint. */
  readonly option: string;
}

type Body = Readonly<Record<string, unknown>>;

/**
 * Reads the answer of a token endpoint.
 *
 * @param response The answer.
 * @param request What was sent, and which types of tokens are accepted.
 * @returns The token, or the refusal.
 */
export async function readTokenAnswer(response: Response, request: AnsweredRequest): Promise<Token | Refusal> {
  const read = await readObject(response);
  const code = codeIn(isRefusal(read) ? {} : read);
  const answer = tokenOrRefusal(response, read, code, request);
  if (!isRefusal(answer) || code === undefined) return answer;
  // Hint: if it does not say which need was refused, it may be a token that only this machine presents.
  const { clientAssertion, subjectToken, assertion } = request.sent.needed;
  const isOfToken = answer.need === undefined && (clientAssertion ?? subjectToken ?? assertion) !== undefined;
  return isOfToken && answer.outcome === "denied" ? answer : { ...answer, issued: true };
}

function tokenOrRefusal(
  response: Response,
  read: Body | Refusal,
  code: string | undefined,
  request: AnsweredRequest,
): Token | Refusal {
  const { status } = response;
  const refusal = refusalByCode(response, code, request);
  if (refusal) return refusal;
  // Hint: some servers answer 201 to a successful request, as their frameworks do for every POST.
  const isError = !isRefusal(read) && hasError(read);
  if (status === 200 || (status === 201 && !isError)) {
    if (isError) return invalid(`the server answered HTTP 200, ${code ?? "with an error in it"}`);
    return isRefusal(read) ? atWrongUrl(read, request.option) : tokenIn(read, request);
  }
  const { who, need } = refusedOf(request.sent, status, code);
  const refused = httpRefusal(response, { now: request.now, who, code });
  // Hint: not every server sends an error code for a client that it does not accept.
  if (status === 401 && need !== undefined) return { ...refused, need };
  // Hint: a token endpoint itself answers in JSON (RFC 6749, section 5.2).
  const isWrong = isRefusal(read) || (code === undefined && isElsewhere(response));
  return isWrong ? atWrongUrl(refused, request.option) : refused;
}

/**
 * Returns the refusal for a code that decides regardless of the status, or regardless of any status except that of an
 * outage.
 */
function refusalByCode(
  response: Response,
  code: string | undefined,
  { sent, now }: AnsweredRequest,
): Refusal | undefined {
  if (code === undefined) return;
  const { status, headers } = response;
  const said = `HTTP ${status}, ${code}`;
  const refused = () => {
    const { who, need, hint = "" } = refusedOf(sent, status, code);
    return denied(`${who} was refused (${said})${hint}`, need === undefined ? {} : { need });
  };
  if (REFUSED_CODES.includes(code)) return refused();
  if (PASSING_CODES.includes(code)) {
    return unavailable(`the server answered ${said}`, retryAfter(headers, now));
  }
  if (httpRefusal(response).outcome === "unavailable") return;
  // Hint: in an exchange, this may also mean that a token is not accepted (RFC 8693, section 2.2.2).
  const isOfExchange = sent.grant === "token_exchange" && code === "invalid_request";
  if (VENDOR_REFUSED_CODES.includes(code) || isOfExchange) return refused();
  if (WRONG_REQUEST_CODES.includes(code)) return invalid(`the server answered ${said}`);
}

function tokenIn(body: Body, request: AnsweredRequest): Token | Refusal {
  // Hint: an ID token is of no use here.
  const { access_token: token, token_type: given, scope, expires_in: expires, id_token: _, ...rest } = body;
  if (typeof token !== "string" || token.trim() === "") {
    const refusal = invalid("the answer is not a token response (RFC 6749, section 5.1)");
    return token === undefined ? atWrongUrl(refusal, request.option) : refusal;
  }
  if (!present(given) && !request.assumesBearer) {
    return invalid("the answer has no token_type: assumeBearer: true takes its token for a bearer token");
  }
  const type = present(given) ? given : "Bearer";
  if (!["Bearer", ...request.tokenTypes].some((word) => sameWord(word, type))) {
    return invalid("the token_type of the answer is not Bearer: tokenTypes can allow another one");
  }
  const values = {
    ...rest,
    access_token: token,
    token_type: sameWord("Bearer", type) ? "bearer" : type,
    ...scope === undefined ? {} : { scope: isTexts(scope) ? scope.join(" ") : scope },
  };
  return { values, expiresIn: lifetimeIn(expires) };
}

function sameWord(word: string, given: unknown): boolean {
  return typeof given === "string" && given.trim().toLowerCase() === word.trim().toLowerCase();
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

// Hint: some servers send the lifetime as text, or blank text for none.
function lifetimeIn(expires: unknown): unknown {
  if (typeof expires !== "string") return expires;
  const text = expires.trim();
  return text === "" ? undefined : /^\d+\.\d+$/.test(text) ? Number(text) : text;
}

// Hint: some servers have the member `error` in every answer.
/** Whether an answer has an error in it. */
function hasError({ error }: Body): boolean {
  if (typeof error === "object" && error !== null) return Object.keys(error).length > 0;
  return present(error) && error !== false && error !== 0;
}
