import { defineChain, memory, required, type StoreOptions } from "../../../mod.ts";
import { oauth2, type OAuth2Options } from "../../../src/stores/oauth2/oauth2.ts";

/** Creates a chain whose `"polaris:rest"` is a token of an OAuth server, for a client in memory. */
export function m2mChain(clientId: string, clientSecret: string, options: OAuth2Options & Partial<StoreOptions>) {
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
        from: { m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } } },
      },
    },
  });
}
