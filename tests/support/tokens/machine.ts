import {
  createResolver,
  defineChain,
  defineStore,
  type LogEvent,
  type Refusal,
  required,
  type StoreOptions,
  token,
  type TokenStoreOptions,
  variables,
} from "../../../mod.ts";
import { scriptedStore, type TestClock, testClock, testHost, type TestHostOptions } from "../../../src/testing/mod.ts";
import { FleetDouble, type FleetOptions } from "./fleet_double.ts";

/** The server that all machines ask. */
export class TokenServer {
  requests = 0;
  readonly reasons: string[] = [];
  /** The secrets that it was asked with. */
  readonly secrets: unknown[] = [];
  /** What it answers instead of a token, in order. */
  readonly refusals: Refusal[] = [];
  /** What each answer waits for. */
  gate: (() => Promise<unknown>) | undefined;
}

/** The options of a machine. */
export interface MachineOptions extends FleetOptions {
  readonly fleet?: FleetDouble;
  readonly server?: TokenServer;
  readonly clock?: TestClock;
  readonly host?: TestHostOptions;
  readonly store?: Partial<StoreOptions & TokenStoreOptions>;
}

/**
 * Creates a machine of a fleet: `"a:token"` is a token that all machines share, and `"b:token"` stands on it. What its
 * server asks for and what seals the tokens is in `local`.
 */
export function machine(options: MachineOptions = {}) {
  const { fleet = new FleetDouble(), server = new TokenServer(), clock = testClock(), host: own, store } = options;
  const local = scriptedStore({
    shape: variables,
    answers: { secret: "not-a-secret", seal: "not-a-seal", engine: "not-a-login" },
    recheck: Infinity,
  });
  const events: LogEvent[] = [];
  const host = { ...testHost({ clock, ...own }), log: (event: LogEvent) => void events.push(event) };
  const chain = defineChain({
    stores: {
      exchange: exchanging({ priority: 3, token: "a:token" }),
      m2m: minting(server)({
        priority: 2,
        client: "m2m:client",
        share: fleet.share<"fleet:seal" | "fleet:engine">(options),
        ...store,
      }),
      local: local.store({ priority: 1 }),
    },
    credentials: {
      "m2m:client": { fields: { secret: required() }, from: { local: { prefix: "" } } },
      "fleet:seal": { fields: { key: required() }, from: { local: { fields: { key: "seal" } } } },
      "fleet:engine": { fields: { engine: required() }, from: { local: { prefix: "" } } },
      "a:token": { fields: { token: required() }, from: { m2m: { resource: "a" } } },
      "b:token": { fields: { token: required() }, from: { exchange: true } },
    },
  });
  return { fleet, server, clock, local, events, chain, host, resolver: createResolver(chain, host) };
}

/** Creates two machines of one fleet, with one server and one clock. */
export function machines(options: MachineOptions = {}) {
  const common = { fleet: new FleetDouble(), server: new TokenServer(), clock: testClock(), ...options };
  return { ...common, a: machine(common), b: machine(common) };
}

function minting(server: TokenServer) {
  return defineStore({
    kind: "minting",
    shape: token,
    share: "1",
    needs: ["client"],
    open: () => async (_: { resource?: string }, { need, reason }) => {
      const client = await need("client");
      const count = ++server.requests;
      server.reasons.push(reason);
      server.secrets.push(client.get("secret"));
      await server.gate?.();
      return server.refusals.shift() ?? { values: { token: `token-${count}` }, expiresIn: 3_600 };
    },
  });
}

const exchanging = defineStore({
  kind: "exchanging",
  shape: token,
  needs: ["token"],
  open: () => async (_: object, { need }) => ({
    values: { token: `by ${(await need("token")).get("token")}` },
    expiresIn: 3_600,
  }),
});
