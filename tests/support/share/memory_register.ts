import type { Clock } from "../../../src/core/chain/host.ts";
import type { OpenRegister, Registered } from "../../../src/core/chain/share.ts";

/** What a call of the register meets. */
export interface Fault {
  /** How long the call takes to arrive, and its answer to come back, in milliseconds; `Infinity` never. */
  readonly there?: number;
  readonly back?: number;
  /** What it throws instead: before it arrives, or in place of its answer. */
  readonly refused?: unknown;
  readonly broken?: unknown;
}

/** One call of the register. */
export interface RegisterCall {
  readonly machine: string;
  readonly op: "get" | "swap";
  readonly name: string;
  readonly at: number;
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

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get now(): number {
    return this.#clock.now() + this.ahead;
  }

  /** Opens a connection for a machine. */
  open(machine: string): OpenRegister {
    this.opened++;
    return {
      get: (name) => this.#call({ machine, op: "get", name, at: this.now }, () => this.#read(name)),
      swap: (name, before, text) =>
        this.#call({ machine, op: "swap", name, at: this.now }, () => this.#swap(name, before, text)),
      close: () => {
        this.closed++;
      },
    };
  }

  count(op: RegisterCall["op"], since = 0): number {
    return this.calls.slice(since).filter((call) => call.op === op).length;
  }

  #read(name: string): Registered {
    const text = this.texts.get(name);
    return text === undefined ? { now: this.now } : { now: this.now, text, version: text };
  }

  #swap(name: string, before: unknown, text: string): string | undefined {
    if (this.texts.get(name) !== before) return undefined;
    this.texts.set(name, text);
    this.history.push({ name, text });
    return text;
  }

  async #call<T>(call: RegisterCall, run: () => T): Promise<T> {
    this.calls.push(call);
    const { there = 1, back = 1, refused, broken } = this.fault(call) ?? {};
    await this.#wait(there);
    if (refused) throw refused;
    const answer = run();
    await this.#wait(back);
    if (broken) throw broken;
    return answer;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (ms < Infinity) this.#clock.after(ms, () => resolve());
    });
  }
}
