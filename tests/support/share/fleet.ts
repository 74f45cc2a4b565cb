import { createResolver } from "../../../src/core/engine/create_resolver.ts";
import { defineChain } from "../../../src/core/chain/chain.ts";
import { required } from "../../../src/core/chain/field.ts";
import type { MaybePromise } from "../../../src/core/chain/eventually.ts";
import type { Host, LogEvent } from "../../../src/core/chain/host.ts";
import { type Refusal, unavailable } from "../../../src/core/chain/outcome.ts";
import type { Token } from "../../../src/core/chain/shape.ts";
import type { OpenRegister, ShareOptions } from "../../../src/core/chain/share.ts";
import type { TokenContext } from "../../../src/core/chain/store_spec.ts";
import { token } from "../../../src/core/source/token.ts";
import { defineEngine } from "../../../src/share/define/define_engine.ts";
import { defineStore } from "../../../src/stores/define_store.ts";
import { env } from "../../../src/stores/env.ts";
import type { TestClock } from "../../../src/testing/test_clock.ts";
import { simulatedClock } from "../outages/simulated_clock.ts";
import { quiet, until } from "./drive.ts";
import { MemoryRegister } from "./memory_register.ts";

/** A seal, as `openssl rand -base64 32` prints one. */
export const SEAL = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
/** Another one. */
export const OTHER_SEAL = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

/** One request at the server. */
export interface Request {
  readonly machine: string;
  readonly at: number;
  readonly secret: unknown;
  readonly reason: string;
  readonly number: number;
}

/** What the server answers. */
export type Answer = Token | Refusal | undefined;

/** A machine of a fleet. */
export interface Machine {
  readonly name: string;
  readonly resolver: ReturnType<typeof resolverOf>;
  readonly events: LogEvent[];
  readonly env: Record<string, string>;
  /** Resolves the token, and returns its text. */
  token(): Promise<string>;
  /** Refuses the token that it has. */
  invalidate(): void;
  /** Sets its clock. */
  setAhead(ms: number): void;
  /** Lets it sleep, as a frozen process: its timers and what it receives wait until `resume`. */
  suspend(): void;
  resume(): void;
}

/** How a machine differs from the others. */
export interface MachineOptions {
  readonly env?: Record<string, string>;
  readonly ahead?: number;
  readonly requestBound?: boolean;
  readonly share?: Omit<ShareOptions, "seal" | "credential">;
  readonly store?: Readonly<Record<string, unknown>>;
  readonly request?: Readonly<Record<string, unknown>>;
  readonly random?: () => number;
}

const KEYS = { seal: "fleet:seal", credential: "fleet:engine" } as const;

/** A fleet with one register and one server, on one clock. */
export class Fleet {
  readonly clock: TestClock = simulatedClock(quiet);
  readonly register: MemoryRegister = new MemoryRegister(this.clock);
  readonly requests: Request[] = [];
  readonly machines: Machine[] = [];
  /** How long the server takes, and how long its tokens are valid, in milliseconds. */
  delay = 100;
  lifetime = 3_600_000;
  /** What the server answers. */
  answer: (request: Request) => Answer | Promise<Answer> = ({ number }) => ({
    values: { access_token: `token-${number}` },
    expiresIn: this.lifetime / 1_000,
  });

  /** Opens the register. */
  open: (machine: string, password: unknown) => MaybePromise<OpenRegister> = (machine) => this.register.open(machine);

  /** What the machines that sleep do once they wake up. */
  readonly #asleep = new Map<string, (() => void)[]>();

  /** Adds machines. */
  add(count: number, options: MachineOptions = {}): Machine[] {
    const added = Array.from({ length: count }, () => this.#machine(`m${this.machines.length}`, options));
    return added;
  }

  /** Resolves the token on some machines, and returns what each got: a text, or the code of its error. */
  async tokens(machines: readonly Machine[] = this.machines): Promise<string[]> {
    const got = machines.map((machine) => machine.token().catch((error) => String(error.code ?? error)));
    return await until(this.clock, Promise.all(got));
  }

  /** Lets time pass. */
  pass(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  #machine(name: string, options: MachineOptions): Machine {
    let ahead = options.ahead ?? 0;
    const events: LogEvent[] = [];
    const variables = {
      CLIENT_ID: "client",
      CLIENT_SECRET: "planted-secret",
      SEAL_KEY: SEAL,
      ENGINE_PASSWORD: "opened",
      ...options.env,
    };
    const resolver = resolverOf(this, name, options, {
      env: variables,
      clock: {
        now: () => this.clock.now() + ahead,
        after: (ms, run) => this.clock.after(ms, () => this.#whenAwake(name, run)),
      },
      log: (event) => events.push(event),
      requestBound: options.requestBound ?? false,
      random: options.random ?? seeded(this.machines.length),
    });
    const machine: Machine = {
      name,
      resolver,
      events,
      env: variables,
      token: async () => String((await resolver.resolve("fleet:api")).get("access_token")),
      invalidate: () => resolver.invalidate("fleet:api"),
      setAhead: (ms) => ahead = ms,
      suspend: () => void this.#asleep.set(name, []),
      resume: () => {
        const due = this.#asleep.get(name) ?? [];
        this.#asleep.delete(name);
        for (const run of due) run();
      },
    };
    this.machines.push(machine);
    return machine;
  }

  #whenAwake(name: string, run: () => void): void {
    const due = this.#asleep.get(name);
    if (due) due.push(run);
    else run();
  }

  /** Lets a machine receive an answer, once it is awake. */
  async received<T>(machine: string, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } finally {
      await new Promise<void>((resolve) => this.#whenAwake(machine, resolve));
    }
  }

  /** Answers a request after the server's delay. */
  async ask(machine: string, secret: unknown, { reason, signal }: TokenContext): Promise<Answer> {
    const request = { machine, secret, reason, at: this.clock.now(), number: this.requests.length + 1 };
    this.requests.push(request);
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(this.delay, () => resolve());
      signal.addEventListener("abort", cancel);
    });
    return await this.received(machine, Promise.resolve(this.answer(request)));
  }
}

/** Returns a source of random numbers that is the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function resolverOf(fleet: Fleet, name: string, options: MachineOptions, host: Host) {
  return createResolver(chainOf(fleet, name, options), host);
}

function chainOf(fleet: Fleet, name: string, { share, store, request }: MachineOptions) {
  const engine = defineEngine({
    kind: "memory",
    open: async (credential) => {
      fleet.register.credentials.push(credential?.get("password"));
      const register = await fleet.open(name, credential?.get("password"));
      const { get, swap } = Object(register) as Partial<OpenRegister>;
      return {
        ...register,
        ...(get && { get: (...args) => fleet.received(name, get(...args)) }),
        ...(swap && { swap: (...args) => fleet.received(name, swap(...args)) }),
      } as OpenRegister;
    },
  });
  const m2m = defineStore({
    kind: "m2m",
    shape: token,
    share: "1",
    needs: ["client"],
    open: () => async (_: { scope?: string }, context: TokenContext<"client">) => {
      const client = await context.need("client");
      return await fleet.ask(name, client.get("client_secret"), context);
    },
  });
  return defineChain({
    stores: {
      m2m: m2m({
        priority: 300,
        client: "fleet:client",
        share: engine({ ...KEYS, ...share }),
        ...store,
      }),
      env: env({ priority: 100 }),
    },
    credentials: {
      "fleet:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { env: { prefix: "" } },
      },
      "fleet:seal": { fields: { key: required() }, from: { env: { prefix: "SEAL_" } } },
      "fleet:engine": { fields: { password: required() }, from: { env: { prefix: "ENGINE_" } } },
      "fleet:api": { fields: { access_token: required() }, from: { m2m: { ...request } } },
    },
  });
}

/** The failure of a server that does not answer. */
export const DOWN: Refusal = unavailable("HTTP 503");
