/**
 * Asks one store over the network, with a static credential below it, and prints the source or the error. On Deno, and
 * bundled on Node.
 *
 * @module
 */
import { createResolver, defineChain, defineStore, memory, required, variables } from "../../../mod.ts";
import { credentialFetch } from "../../../src/clients/fetch.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import { sts } from "../../../src/stores/sts/sts.ts";
import { vaultKv } from "../../../src/stores/vault/mod.ts";
import { programArgs } from "./program_args.ts";

const [way = "m2m", url = ""] = programArgs;

const own = defineStore({
  kind: "own",
  shape: variables,
  open: ({ redirect }: { redirect: RequestRedirect }, { fetch }) => async () =>
    await (await fetch(new URL(url), { redirect })).text(),
});
const chain = defineChain({
  stores: {
    vault: vaultKv({ priority: 7, url, login: "api:identity", enabled: way === "vault" }),
    own: own({ priority: 6, redirect: "manual", enabled: way === "own" }),
    following: own({ priority: 5, redirect: "follow", enabled: way === "following" }),
    m2m: oauth2({ priority: 4, tokenEndpoint: url, client: "m2m:client", enabled: way === "m2m" }),
    issuer: oauth2({ priority: 3, issuer: url, client: "m2m:client", enabled: way === "issuer" }),
    sts: sts({ priority: 2, endpoint: url, webIdentity: "api:identity", enabled: way === "sts" }),
    memory: memory({ priority: 1, values: { token: "fake", client_id: "fake", client_secret: "fake" } }),
  },
  credentials: {
    "m2m:client": {
      fields: { client_id: required(), client_secret: required() },
      from: { memory: { prefix: "" } },
    },
    "api:identity": { fields: { token: required() }, from: { memory: { prefix: "" } } },
    "api:token": {
      fields: { token: required() },
      from: {
        vault: "app",
        own: { prefix: "" },
        following: { prefix: "" },
        m2m: { fields: { token: "access_token" } },
        issuer: { fields: { token: "access_token" } },
        sts: { fields: { token: "session_token" } },
        memory: { prefix: "" },
      },
    },
  },
});

const resolver = createResolver(chain);
const answer = way === "fetch"
  ? credentialFetch(resolver, "api:identity")(url).then(({ status }) => `HTTP ${status}`)
  : resolver.resolve("api:token").then(({ source, degraded }) => degraded ? `${source}, degraded` : source);
console.log(await answer.catch(({ name, message }: Error) => `${name}: ${message}`));
