import { type Listening, listening } from "./listening.ts";

/** An answer as data: a status with JSON, a page or nothing. */
export type FixedAnswer = readonly [status: number, body?: object | string, headers?: Record<string, string>];

/** An answer of the stand-in, or what makes it. */
export type StandInAnswer = FixedAnswer | ((request: Request) => Response | Promise<Response>);

/** The answers by method and path, which is given below `/v1/` if it begins so; `*` is what all others get. */
export type StandInAnswers = Readonly<Record<string, StandInAnswer>>;

/** A request that the stand-in received: its method and its path, as in the answers. */
export interface StandInRequest {
  readonly request: string;
  readonly token: string | null;
  readonly namespace: string | null;
  readonly body: string;
}

/** A stand-in for a Vault: a loopback server that gives the answers that a test sets. */
export interface VaultStandIn extends Listening {
  /** The answers; may be changed at any time. */
  answers: StandInAnswers;
  /** The requests, in order. */
  readonly sent: StandInRequest[];
}

/** What a server answers to something that is not there. */
export const NOT_THERE: FixedAnswer = [404, { errors: [] }];

/** Starts a stand-in for a Vault. */
export function startVaultStandIn(answers: StandInAnswers = {}): VaultStandIn {
  const sent: StandInRequest[] = [];
  const { url, [Symbol.asyncDispose]: stop } = listening(async (received) => {
    const request = `${received.method} ${new URL(received.url).pathname.replace(/^\/v1\//, "")}`;
    const { headers } = received;
    const body = await received.clone().text();
    sent.push({ request, token: headers.get("x-vault-token"), namespace: headers.get("x-vault-namespace"), body });
    const answer = standIn.answers[request] ?? standIn.answers["*"] ?? NOT_THERE;
    return typeof answer === "function" ? await answer(received) : responseOf(answer);
  });
  const standIn: VaultStandIn = { url, answers, sent, [Symbol.asyncDispose]: stop };
  return standIn;
}

/** Makes the response of an answer. */
export function responseOf([status, given = "", more = {}]: FixedAnswer): Response {
  const isPage = typeof given === "string";
  const type = { "content-type": isPage ? "text/html" : "application/json", ...more };
  const text = isPage ? given : JSON.stringify(given);
  return new Response(text === "" ? null : text, { status, headers: type });
}

/** What a server answers to a login. */
export function loginAnswer(token = "fake-token", changes: object = {}): FixedAnswer {
  return [200, { auth: { client_token: token, lease_duration: 3_600, renewable: true, ...changes } }];
}

/** What a server answers for dynamic secrets. */
export function leaseAnswer(user = "v-app", changes: object = {}): FixedAnswer {
  const data = { username: user, password: "fake-password" };
  return [200, { lease_id: `database/creds/app/${user}`, lease_duration: 3_600, renewable: true, data, ...changes }];
}

/** What a server says is wrong. */
export function wrong(status: number, ...errors: readonly string[]): FixedAnswer {
  return [status, { errors }];
}

/** What a server answers to a token that it does not know, or whose policy lacks a path. */
export const FORBIDDEN = {
  dead: wrong(403, "permission denied"),
  lacks: wrong(403, "1 error occurred:\n\t* permission denied\n\n"),
};
