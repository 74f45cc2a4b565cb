import { exportJWK, generateKeyPair, type JWK, SignJWT } from "npm:jose@^6";

/** An issuer of JWTs, which publishes its public keys over HTTP. */
export interface JwtIssuer extends AsyncDisposable {
  /** What stands in `iss`. */
  readonly issuer: string;
  /** Where its public keys are. */
  readonly jwksUrl: string;
  /** Signs a token for the audience `vault` that is good for an hour, or whose claims are others. */
  sign(claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Replaces its key: the one before is not published any more. */
  rotate(): Promise<void>;
}

/** Starts an issuer on a free port of the loopback address. */
export async function startJwtIssuer(): Promise<JwtIssuer> {
  let pair = await generateKeyPair("RS256");
  let kid = 1;
  const publicKey = async (): Promise<JWK> => ({ ...await exportJWK(pair.publicKey), kid: `${kid}`, alg: "RS256" });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async () => Response.json({ keys: [await publicKey()] }),
  );
  const issuer = `http://127.0.0.1:${server.addr.port}`;
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
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
