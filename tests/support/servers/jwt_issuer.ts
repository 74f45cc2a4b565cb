import { exportJWK, generateKeyPair, type JWK, SignJWT } from "npm:jose@^6";

/** An issuer of JWTs, which publishes its metadata (OpenID Connect Discovery 1.0) and its public keys over HTTP. */
export interface JwtIssuer extends AsyncDisposable {
  /** What stands in `iss`. */
  readonly issuer: string;
  /** Where its public keys are. */
  readonly jwksUrl: string;
  /** Signs a token for the audience `vault` that is good for an hour, or whose claims are others. */
  sign(claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Replaces its key: the one before is not published any more. */
  rotate(): Promise<void>;
  /** Closes its port, until `resume`. It still signs. */
  pause(): Promise<void>;
  /** Reverts `pause`, on the same port. */
  resume(): void;
}

/** Starts an issuer on a free port of the loopback address. */
export async function startJwtIssuer(): Promise<JwtIssuer> {
  let pair = await generateKeyPair("RS256");
  let kid = 1;
  const publicKey = async (): Promise<JWK> => ({ ...await exportJWK(pair.publicKey), kid: `${kid}`, alg: "RS256" });
  const answer = async ({ url }: Request): Promise<Response> => {
    const { origin, pathname } = new URL(url);
    if (pathname === "/.well-known/openid-configuration") return Response.json(metadata(origin));
    return Response.json({ keys: [{ ...await publicKey(), use: "sig" }] });
  };
  const listen = (port: number) => Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, answer);
  let server: Deno.HttpServer<Deno.NetAddr> | undefined = listen(0);
  const { port } = server.addr;
  const issuer = `http://127.0.0.1:${port}`;
  const pause = async (): Promise<void> => {
    const stopping = server?.shutdown();
    server = undefined;
    await stopping;
  };
  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    sign: (claims = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT({ iss: issuer, sub: "app", aud: "vault", iat: now, exp: now + 3_600, ...claims })
        .setProtectedHeader({ alg: "RS256", kid: `${kid}` })
        .sign(pair.privateKey);
    },
    rotate: async () => {
      pair = await generateKeyPair("RS256");
      kid++;
    },
    pause,
    resume: () => {
      server ??= listen(port);
    },
    [Symbol.asyncDispose]: pause,
  };
}

function metadata(issuer: string): Record<string, unknown> {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
}
