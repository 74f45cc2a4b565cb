import { defineChain, memory, required, type StoreOptions } from "../../../mod.ts";
import { oauth2, type OAuth2Options, type OAuth2Request } from "../../../src/stores/oauth2/oauth2.ts";

/** Creates a chain whose `"polaris:rest"` is a token of an OAuth server, for a client in memory. */
export function m2mChain(
  clientId: string,
  clientSecret: string,
  options: OAuth2Options & Partial<StoreOptions>,
  request: OAuth2Request = { resource: "urn:alphaswarm:polaris" },
) {
  return defineChain({
    stores: {
      m2m: oauth2({ priority: 2, client: "m2m:client", ...options }),
      memory: memory({ priority: 1, values: { client_id: clientId, client_secret: clientSecret } }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { memory: { prefix: "" } },
      },
      "polaris:rest": {
        fields: { token: required() },
        from: { m2m: { ...request, fields: { token: "access_token" } } },
      },
    },
  });
}
