import { exportSPKI, generateKeyPair, SignJWT } from "npm:jose@^6";
import { createSelfSigned } from "./self_signed.ts";

/** A stand-in for the API of a Kubernetes cluster: it reviews the tokens of its service accounts. */
export interface TokenReview extends AsyncDisposable {
  readonly url: string;
  /** The certificate of its authority, and the keys that its tokens are signed with, as PEM. */
  readonly ca: string;
  readonly keys: string;
  /** Signs a token of the service account `app`, for an audience. */
  token(audience: string): Promise<string>;
}

/** Starts the stand-in on a free port of the loopback address. */
export async function startTokenReview(): Promise<TokenReview> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const username = "system:serviceaccount:default:app";
  const signed = new Set<string>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { spec: { token, audiences } } = await request.json();
    const status = signed.has(token)
      ? { authenticated: true, audiences, user: { username, uid: "app-uid", groups: ["system:serviceaccounts"] } }
      : { authenticated: false };
    return Response.json({ kind: "TokenReview", apiVersion: "authentication.k8s.io/v1", status }, { status: 201 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    ca: (await createSelfSigned("kubernetes.invalid")).cert,
    keys: await exportSPKI(publicKey),
    token: async (audience) => {
      const account = { namespace: "default", serviceaccount: { name: "app", uid: "app-uid" } };
      const token = await new SignJWT({ "kubernetes.io": account }).setProtectedHeader({ alg: "RS256", kid: "cluster" })
        .setIssuer("https://kubernetes.default.svc").setSubject(username).setAudience([audience])
        .setIssuedAt().setNotBefore("0s").setExpirationTime("1h").sign(privateKey);
      signed.add(token);
      return token;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
