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
import type { Share, ShareOptions } from "../../../src/share/mod.ts";
import { scriptedStore, type TestClock, testHost, type TestHostOptions } from "../../../src/testing/mod.ts";
import { simulatedClock } from "../outages/simulated_clock.ts";
import { quiet } from "../share/drive.ts";
import { OTHER_SEAL, SEAL } from "../share/fleet.ts";
import { MemoryRegister } from "../share/memory_register.ts";

export { OTHER_SEAL };

const KEYS = { seal: "fleet:seal", credential: "fleet:engine" } as const;

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
export interface MachineOptions {
  /** Its name in what the register tells of calls. */
  readonly name?: string;
  /** The engine of the fleet; one that answers at once unless set. */
  readonly register?: MemoryRegister;
  readonly share?: Omit<ShareOptions, "seal" | "credential">;
  /** What stands for the engine in the chain; that of the register unless set. */
  readonly engine?: Share<"fleet:seal" | "fleet:engine">;
  readonly server?: TokenServer;
  readonly clock?: TestClock;
  readonly host?: TestHostOptions;
  readonly store?: Partial<StoreOptions & TokenStoreOptions>;
  /** The field of the client; one that takes any text unless set. */
  readonly secret?: ReturnType<typeof required>;
}

/**
 * Creates a machine of a fleet: `"a:token"` is a token that all machines share, and `"b:token"` stands on it. What its
 * server asks for and what seals the tokens is in `local`.
 */
export function machine(options: MachineOptions = {}) {
  const { clock = simulatedClock(quiet), server = new TokenServer(), host: own, store } = options;
  const { register = new MemoryRegister(clock, 0) } = options;
  const { engine = register.engine(options.name)({ ...KEYS, ...options.share }) } = options;
  const local = scriptedStore({
    shape: variables,
    answers: { secret: "not-a-secret", seal: SEAL, engine: "not-a-login" },
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
        share: engine,
        ...store,
      }),
      local: local.store({ priority: 1 }),
    },
    credentials: {
      "m2m:client": { fields: { secret: options.secret ?? required() }, from: { local: { prefix: "" } } },
      "fleet:seal": { fields: { key: required() }, from: { local: { fields: { key: "seal" } } } },
      "fleet:engine": { fields: { engine: required() }, from: { local: { prefix: "" } } },
      "a:token": { fields: { token: required() }, from: { m2m: { resource: "a" } } },
      "b:token": { fields: { token: required() }, from: { exchange: true } },
    },
  });
  return { register, engine, server, clock, local, events, chain, host, resolver: createResolver(chain, host) };
}

/** Creates two machines of one fleet, with one server and one clock. */
export function machines(options: MachineOptions = {}) {
  const { clock = simulatedClock(quiet), server = new TokenServer() } = options;
  const common = { register: new MemoryRegister(clock, 0), ...options, clock, server };
  return { ...common, a: machine({ ...common, name: "a" }), b: machine({ ...common, name: "b" }) };
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
