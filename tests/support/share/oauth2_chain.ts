import { defineChain, memory, required } from "../../../mod.ts";
import type { Share } from "../../../src/share/mod.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import { SEAL } from "./fleet.ts";

/** Creates a chain whose `"polaris:rest"` is a token of an OAuth server that an engine shares, for a client in memory. */
export function sharedOAuth2Chain(
  clientId: string,
  clientSecret: string,
  tokenEndpoint: string,
  share: Share<"fleet:seal">,
) {
  return defineChain({
    stores: {
      m2m: oauth2({ priority: 2, tokenEndpoint, client: "m2m:client", share }),
      memory: memory({ priority: 1, values: { client_id: clientId, client_secret: clientSecret, key: SEAL } }),
    },
    credentials: {
      "m2m:client": { fields: { client_id: required(), client_secret: required() }, from: { memory: { prefix: "" } } },
      "fleet:seal": { fields: { key: required() }, from: { memory: { prefix: "" } } },
      "polaris:rest": {
        fields: { token: required() },
        from: { m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } } },
      },
    },
  });
}
