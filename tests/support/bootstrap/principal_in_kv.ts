import { createResolver, defineChain, memory, required } from "../../../mod.ts";
import { vaultKv } from "../../../src/stores/vault/mod.ts";

/** Creates a resolver of a principal in the KV engine of a server. */
export function kvPrincipalResolver(url: string, token: string, path: string) {
  return createResolver(defineChain({
    stores: {
      kv: vaultKv({ priority: 2, url, login: "vault:token" }),
      memory: memory({ priority: 1, values: { token } }),
    },
    credentials: {
      "vault:token": { fields: { token: required() }, from: { memory: { prefix: "" } } },
      "polaris:oauth": { fields: { client_id: required(), client_secret: required() }, from: { kv: path } },
    },
  }));
}
