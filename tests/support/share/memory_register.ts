import type { Clock } from "../../../src/core/chain/host.ts";
import type { OpenRegister, Registered } from "../../../src/core/chain/share.ts";
import { defineEngine, type EngineFactory } from "../../../src/share/define/define_engine.ts";

/** What a call of the register meets. */
export interface Fault {
  /** How long the call takes to arrive, and its answer to come back, in milliseconds; `Infinity` never. */
  readonly there?: number;
  readonly back?: number;
  /** What it throws instead: before it arrives, or in place of its answer. */
  readonly refused?: unknown;
  readonly broken?: unknown;
  /** What it answers instead. */
  readonly answer?: unknown;
}

/** One call of the register. */
export interface RegisterCall {
  readonly machine: string;
  readonly op: "get" | "swap";
  readonly name: string;
  readonly at: number;
  /** How long the text of a swap is kept, in milliseconds. */
  readonly ttl?: number;
}

/** A register in memory, a stand-in for an engine: with a clock of its own, delays and faults, and a memory of every text. */
export class MemoryRegister {
  readonly texts = new Map<string, string>();
  /** Every text that was ever there, by name. */
  readonly history: { readonly name: string; readonly text: string }[] = [];
  readonly calls: RegisterCall[] = [];
  /** How far its clock is ahead. */
  ahead = 0;
  /** Decides what a call meets. */
  fault: (call: RegisterCall) => Fault | undefined = () => undefined;
  opened = 0;
  closed = 0;
  /** The credentials by which it was opened. */
  readonly credentials: unknown[] = [];
  readonly #clock: Clock;
  readonly #delay: number;
  /** When the text that a swap put lapses. */
  readonly #lapses = new Map<string, { readonly text: string; readonly at: number }>();

  /**
   * @param clock The time that passes.
   * @param delay How long each way of a call takes, in milliseconds, unless a fault says otherwise.
   */
  constructor(clock: Clock, delay = 1) {
    this.#clock = clock;
    this.#delay = delay;
  }

  get now(): number {
    return this.#clock.now() + this.ahead;
  }

  /** Opens a connection for a machine. */
  open(machine = "machine"): OpenRegister {
    this.opened++;
    return {
      get: (name) => this.#call({ machine, op: "get", name, at: this.now }, () => this.#read(name)),
      swap: (name, before, text, ttl) =>
        this.#call({ machine, op: "swap", name, at: this.now, ttl }, () => this.#swap(name, before, text, ttl)),
      close: () => {
        this.closed++;
      },
    };
  }

  /** Returns the kind of engine whose connections it opens. */
  engine(machine = "machine"): EngineFactory {
    return defineEngine<object>({ kind: "memory", open: () => this.open(machine) });
  }

  count(op: RegisterCall["op"], since = 0): number {
    return this.calls.slice(since).filter((call) => call.op === op).length;
  }

  /** Returns the text that is there, unless it has lapsed. */
  find(name: string): string | undefined {
    const text = this.texts.get(name);
    const lapse = this.#lapses.get(name);
    // Hint: what a test puts there itself does not lapse.
    if (lapse && lapse.text === text && this.now >= lapse.at) this.texts.delete(name);
    return this.texts.get(name);
  }

  #read(name: string): Registered {
    const text = this.find(name);
    return text === undefined ? { now: this.now } : { now: this.now, text, version: text };
  }

  #swap(name: string, before: unknown, text: string, ttl: number): string | undefined {
    if (this.find(name) !== before) return undefined;
    this.texts.set(name, text);
    this.#lapses.set(name, { text, at: this.now + ttl });
    this.history.push({ name, text });
    return text;
  }

  async #call<T>(call: RegisterCall, run: () => T): Promise<T> {
    this.calls.push(call);
    const { there = this.#delay, back = this.#delay, refused, broken, answer } = this.fault(call) ?? {};
    await this.#wait(there);
    if (refused) throw refused;
    const own = run();
    await this.#wait(back);
    if (broken) throw broken;
    return answer === undefined ? own : answer as T;
  }

  async #wait(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => ms < Infinity && this.#clock.after(ms, () => resolve()));
  }
}
