import { defineChain, memory, required } from "../../../mod.ts";
import type { Share } from "../../../src/share/mod.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";

/** The client, and the seal. */
export type SharedLogin = Readonly<Record<"client_id" | "client_secret" | "key", string>>;

/** Creates a chain whose `"polaris:rest"` is a token of an OAuth server that an engine shares, for a client in memory. */
export function sharedOAuth2Chain(values: SharedLogin, tokenEndpoint: string, share: Share<"fleet:seal">) {
  return defineChain({
    stores: {
      m2m: oauth2({ priority: 2, tokenEndpoint, client: "m2m:client", share }),
      memory: memory({ priority: 1, values }),
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
