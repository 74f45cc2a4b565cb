import { defineChain, mounted, required } from "../../../mod.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import { type EngineSettings, shareOn } from "./share_on.ts";

/** What a machine is started with; nothing of it is secret. */
export interface MachineSettings {
  readonly tokenEndpoint: string;
  /** Its mounted secrets: `client_id`, `client_secret`, `key`, and `password` for the engine. */
  readonly directory: string;
  /** The engine by which it shares; absent if it shares with no one. */
  readonly engine?: EngineSettings | undefined;
  readonly resource?: string | undefined;
  /** How far its clock is from that of the others, in milliseconds. */
  readonly ahead?: number | undefined;
}

/** The chain of every machine, whose `"polaris:rest"` is a token of the OAuth server. */
export function machineChain(
  { tokenEndpoint, directory, engine, resource = "urn:alphaswarm:polaris" }: MachineSettings,
) {
  const server = { priority: 2, client: "m2m:client", tokenEndpoint } as const;
  return defineChain({
    stores: {
      m2m: oauth2(engine ? { ...server, share: shareOn(engine) } : server),
      mounted: mounted({ priority: 1, directory }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { mounted: { fields: { client_id: "client_id", client_secret: "client_secret" } } },
      },
      "fleet:seal": { fields: { key: required() }, from: { mounted: { fields: { key: "key" } } } },
      "fleet:engine": { fields: { password: required() }, from: { mounted: { fields: { password: "password" } } } },
      "polaris:rest": {
        fields: { token: required() },
        from: { m2m: { resource, fields: { token: "access_token" } } },
      },
    },
  });
}
