/** What a service was asked: the path, the form body, and the headers that matter. */
export interface RecordedRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
  readonly authorization: string | null;
  readonly realm: string | null;
}

/** The stand-ins for an authorization server and an STS. */
export interface RecordingServices extends AsyncDisposable {
  /** Their origin: tokens at `/token` or by the metadata of `/issuer`, keys of an STS at `/sts`. */
  readonly origin: string;
  /** The requests so far, without those for metadata. */
  readonly requests: readonly RecordedRequest[];
}

/** Starts a stand-in for an authorization server and an STS that answer every request, and record it. */
export function startRecordingServices(): RecordingServices {
  const requests: RecordedRequest[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, origin } = new URL(request.url);
    if (pathname.endsWith("/.well-known/openid-configuration")) {
      return Response.json({ issuer: `${origin}/issuer`, token_endpoint: `${origin}/named` });
    }
    const { headers } = request;
    requests.push({
      path: pathname,
      body: Object.fromEntries(new URLSearchParams(await request.text())),
      authorization: headers.get("authorization"),
      realm: headers.get("polaris-realm"),
    });
    if (pathname === "/sts") return new Response(KEYS, { headers: { "content-type": "text/xml" } });
    return Response.json({ access_token: "fake-token", token_type: "Bearer", expires_in: 3_600 });
  });
  const stop = () => server.shutdown();
  return { origin: `http://127.0.0.1:${server.addr.port}`, requests, [Symbol.asyncDispose]: stop };
}

const KEYS = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials>
    <AccessKeyId>fake-access</AccessKeyId><SecretAccessKey>fake-secret</SecretAccessKey>
    <SessionToken>fake-session</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>
  </Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;
