import { type Listening, listening } from "./listening.ts";

/** A request that a stand-in received. */
export interface KeyRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly session: string | null;
}

/** What a stand-in answers to a request, by its method and path; `*` is what all others get. */
export type KeyAnswers = Record<string, (request: KeyRequest) => Response | Promise<Response>>;

/** A loopback server that gives the answers that a test sets. */
export interface KeyStandIn extends Listening {
  readonly answers: KeyAnswers;
  /** The requests, in order. */
  readonly sent: KeyRequest[];
}

/** Starts a stand-in for the agent of a container, or for the metadata service of an instance. */
export function startKeyStandIn(answers: KeyAnswers = {}): KeyStandIn {
  const sent: KeyRequest[] = [];
  const server = listening(async ({ method, url, headers }) => {
    const { pathname, search } = new URL(url);
    const request = {
      method,
      path: pathname + search,
      authorization: headers.get("authorization"),
      session: headers.get("x-aws-ec2-metadata-token"),
    };
    sent.push(request);
    const answer = answers[`${method} ${request.path}`] ?? answers["*"];
    return await answer?.(request) ?? new Response(null, { status: 404 });
  });
  return { ...server, answers, sent };
}

/** Keys in the form of AWS, which never look like real ones. */
export function keysAnswer(number: number, expiresAt?: number, changes: object = {}): Response {
  return Response.json({
    AccessKeyId: `fake-access-${number}`,
    SecretAccessKey: `fake-secret-${number}`,
    Token: `fake-session-${number}`,
    ...expiresAt !== undefined && { Expiration: new Date(expiresAt).toISOString().replace(/\.\d+Z$/, "Z") },
    ...changes,
  });
}

const ROLES = "/latest/meta-data/iam/security-credentials/";

/** What an instance with a role answers: only to a session that it gave, as version 2 of the service does. */
export function instanceAnswers(keys: () => Response, role = "app role"): KeyAnswers {
  let sessions = 0;
  const current = () => `fake-session-${sessions}`;
  const inSession = (answer: () => Response) => ({ session }: KeyRequest) =>
    session === current() ? answer() : new Response(null, { status: 401 });
  return {
    "PUT /latest/api/token": () => {
      sessions++;
      return new Response(current());
    },
    [`GET ${ROLES}`]: inSession(() => new Response(`${role}\n`)),
    [`GET ${ROLES}${encodeURIComponent(role)}`]: inSession(keys),
  };
}

/** The path of the keys of a role at an instance. */
export function rolePath(role = ""): string {
  return `GET ${ROLES}${encodeURIComponent(role)}`;
}

/** A `fetch` that reaches a stand-in if a program asks an address of AWS. */
export function fetchAt({ url }: Pick<Listening, "url">): typeof fetch {
  return (input, init) => fetch(String(input).replace(/^https?:\/\/(169\.254\.\d+\.\d+|\[[\da-f:]+\])/, url), init);
}
