import { createResolver, defineChain, memory, required } from "../../../mod.ts";
import { oauth2, type OAuth2Options } from "../../../src/stores/oauth2/oauth2.ts";
import { sts } from "../../../src/stores/sts/sts.ts";

/** Where the servers are, and who the client is. */
export interface SessionSettings extends Pick<OAuth2Options, "authentication"> {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly stsEndpoint: string;
  readonly role: string;
  /** How long a temporary credential is valid, in milliseconds. */
  readonly duration: number;
}

/** Creates a resolver of temporary credentials of an STS, `"minio:sts"`, for a token of an OAuth server. */
export function createSessions(settings: SessionSettings) {
  const { clientId, clientSecret, tokenEndpoint, authentication, stsEndpoint, role, duration } = settings;
  const server = { tokenEndpoint, ...(authentication === undefined ? {} : { authentication }) };
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 300, client: "m2m:client", ...server }),
      sts: sts({ priority: 250, endpoint: stsEndpoint, webIdentity: "minio:identity", role, duration }),
      memory: memory({ priority: 100, values: { client_id: clientId, client_secret: clientSecret } }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { memory: { prefix: "" } },
      },
      "minio:identity": {
        fields: { token: required() },
        from: { m2m: { resource: "urn:alphaswarm:minio", fields: { token: "access_token" } } },
      },
      "minio:sts": {
        fields: { access_key: required(), secret_key: required(), session_token: required() },
        from: { sts: true },
      },
    },
  });
  return createResolver(chain);
}
