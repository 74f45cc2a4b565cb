import { defineChain, defineStore, env, flag, required, token } from "../../../mod.ts";
import type { Share } from "../../../src/share/mod.ts";
import { SEAL } from "./fleet.ts";

/** Creates a chain whose `"api:token"` is shared by an engine, from a server that counts what it gives. */
export function sharedChain(share: Share<"fleet:seal" | "fleet:engine"> | Share<"fleet:seal">) {
  const server = { minted: 0 };
  const issuer = defineStore({
    kind: "issuer",
    shape: token,
    needs: ["client"],
    share: "1",
    open: () => async (_: object, context) => {
      await context.need("client");
      return { values: { token: `not-a-secret-${++server.minted}` }, expiresIn: 3_600 };
    },
  });
  const chain = defineChain({
    stores: {
      m2m: issuer({ priority: 2, enabled: flag("M2M"), client: "api:client", share: share as Share<"fleet:seal"> }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "api:token": { fields: { token: required() }, from: { m2m: true } },
      "api:client": { fields: { id: required() }, from: { env: { prefix: "CLIENT_" } } },
      "fleet:seal": { fields: { key: required() }, from: { env: { prefix: "SEAL_" } } },
      "fleet:engine": { fields: { url: required() }, from: { env: { prefix: "ENGINE_" } } },
    },
  });
  return { chain, server };
}

/** The variables with which all of that chain is on. */
export const ON = { M2M: "1", CLIENT_ID: "app", SEAL_KEY: SEAL, ENGINE_URL: "memory://127.0.0.1" };
