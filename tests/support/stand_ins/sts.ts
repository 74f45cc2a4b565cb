import { createResolver, defineChain, type Host, memory, required } from "../../../mod.ts";
import { sts, type StsOptions, type StsRequest } from "../../../src/stores/sts/sts.ts";

/** An expiry in an hour. */
export const EXPIRATION = new Date(Date.now() + 3_600_000).toISOString();

/** Starts a stand-in for a security token service, whose answer a test sets. */
export function startStandIn() {
  const answer = { status: 200, body: "", headers: {} as Record<string, string> };
  const asked: Record<string, string>[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    asked.push(Object.fromEntries(new URLSearchParams(await request.text())));
    return new Response(answer.body, {
      status: answer.status,
      headers: { "content-type": "text/xml", ...answer.headers },
    });
  });
  const stop = () => server.shutdown();
  return { answer, asked, endpoint: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: stop };
}

/** Creates a resolver of keys from an STS, with a token in memory. */
export function resolverOf(
  options: StsOptions,
  request: true | StsRequest = true,
  host: Host = {},
  token = "fake-token",
) {
  const chain = defineChain({
    stores: {
      sts: sts({ priority: 2, webIdentity: "minio:identity", ...options }),
      memory: memory({ priority: 1, values: { token } }),
    },
    credentials: {
      "minio:identity": { fields: { token: required() }, from: { memory: { prefix: "" } } },
      "minio:sts": {
        fields: { access_key: required(), secret_key: required(), session_token: required() },
        from: { sts: request },
      },
    },
  });
  return createResolver(chain, host);
}

/** The answer of an STS, with changes to its members. */
export function success(changes: Record<string, string> = {}): string {
  const members = {
    AccessKeyId: "fakeaccess",
    SecretAccessKey: "fake/secret+key=",
    SessionToken: "fake//token==",
    Expiration: EXPIRATION,
    ...changes,
  };
  const credentials = Object.entries(members).map(([name, value]) => `<${name}>${value}</${name}>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>alphaswarm</SubjectFromWebIdentityToken>
    <Credentials>${credentials}</Credentials>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>7</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>`;
}

/** An error in the format of AWS and MinIO. */
export function awsError(code: string, message = "fake-token was fake-leaked"): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>
</ErrorResponse>`;
}
