import type { JwtIssuer } from "../servers/jwt_issuer.ts";
import { type Listening, listening } from "./listening.ts";

/** A stand-in for what a runner of GitHub Actions asks for the tokens of its jobs. */
export interface GithubRunner extends Listening {
  /** The variables of a job with `permissions: id-token: write`. */
  readonly env: Record<string, string>;
  /** The audiences that were asked for, in order; `null` if none was. */
  readonly asked: (string | null)[];
  /** What the tokens claim from now on instead. */
  readonly claims: Record<string, unknown>;
}

/** How long GitHub's tokens are good, in seconds. */
const LIFETIME_S = 300;

/** With the ids of owner and repository, as GitHub gives it to repositories since July 2026. */
const SUBJECT = "repo:octo@123456/app@456789:ref:refs/heads/main";

/** Starts the stand-in, which signs with the keys of an issuer. */
export function startGithubRunner(issuer: Pick<JwtIssuer, "sign">, now: () => number = Date.now): GithubRunner {
  const asked: (string | null)[] = [];
  const changed: Record<string, unknown> = {};
  const server = listening(async ({ url, headers }) => {
    if (headers.get("authorization") !== "bearer fake-request-token") return new Response(null, { status: 401 });
    const { searchParams } = new URL(url);
    if (searchParams.get("api-version") !== "2.0") return new Response(null, { status: 400 });
    const audience = searchParams.get("audience");
    asked.push(audience);
    const iat = Math.floor(now() / 1_000);
    const claims = { aud: audience ?? "https://github.com/octo", sub: SUBJECT };
    return Response.json({ count: 7, value: await issuer.sign({ ...claims, iat, exp: iat + LIFETIME_S, ...changed }) });
  });
  const env = {
    GITHUB_ACTIONS: "true",
    ACTIONS_ID_TOKEN_REQUEST_URL: `${server.url}/idtoken?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "fake-request-token",
  };
  return { ...server, env, asked, claims: changed };
}
