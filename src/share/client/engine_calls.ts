import { invalid, isRefusal, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { Register, Registered } from "../../core/chain/share.ts";
import type { Call } from "../../core/source/source.ts";
import type { Connection } from "./connection.ts";
import { type EngineClient, OVERDUE, TOO_LATE } from "./engine_client.ts";
import { sleep } from "./timebox.ts";

/** At most how many times one run asks the engine on workerd, which limits the subrequests of a request. */
const MAX_BOUND_CALLS = 8;

/** The calls to an engine in one run. */
export class EngineCalls {
  /** How many more there may be. */
  left: number;
  /** How long a caller waited in all, in milliseconds, for the engine and for other machines. */
  spent = 0;
  /** At least how long a call may take while this machine has the lease, since others rely on what it writes. */
  leading = 0;
  readonly #client: EngineClient;
  readonly #call: Call;
  #connection: Connection | undefined;
  /** When it began, by this machine's clock. */
  #began: number | undefined;

  constructor(client: EngineClient, call: Call) {
    this.#client = client;
    this.#call = call;
    this.left = client.deps.ambient.requestBound ? MAX_BOUND_CALLS : Infinity;
  }

  /** Reads what is there; returns a refusal if the engine cannot be asked. */
  get(name: string, urgent = false): Promise<Registered | Refusal> {
    const read = async (register: Register) => {
      const { now, text, version } = Object(await register.get(name)) as Partial<Registered>;
      const isText = typeof text === "string";
      if (!Number.isFinite(now) || !(isText || text === undefined || text === null)) {
        throw invalid("the engine's answer has no now, or a text that is not a string");
      }
      if (!this.#accepts(now!)) throw invalid("the engine's clock went back");
      if (isText && !isVersion(version)) throw invalid("the engine's answer has a text without a version");
      return isText ? { now: now!, text, version } : { now: now! };
    };
    return this.#ask(read, urgent, true);
  }

  /** Replaces a text: returns its version, `undefined` if another change came first, or a refusal. */
  async swap(
    name: string,
    before: unknown,
    { text, ttl }: { readonly text: string; readonly ttl: number },
    urgent = false,
  ): Promise<{ readonly version: unknown } | undefined | Refusal> {
    const swapped = await this.#ask(async (register) => {
      // Hint: many clients return `null` for nothing.
      const version = await register.swap(name, before, text, ttl) ?? undefined;
      if (version !== undefined && !isVersion(version)) {
        throw invalid(
          "the engine's answer to a swap is not a version: expected one, or undefined if another change came first",
        );
      }
      return { version };
    }, urgent);
    return isRefusal(swapped) || swapped.version !== undefined ? swapped : undefined;
  }

  // Hint: within a run, the measured time counts, since this machine's clock may be set meanwhile.
  #accepts(now: number): boolean {
    this.#began ??= this.#client.deps.ambient.clock.now() - this.spent;
    return this.#client.time.accepts(now, this.#began + this.spent);
  }

  async #ask<T extends object>(
    ask: (register: Register) => Promise<T>,
    urgent: boolean,
    repeats = false,
  ): Promise<T | Refusal> {
    const unasked = this.left > 0 ? this.#client.unasked(urgent) : EXHAUSTED;
    if (unasked) return unasked;
    let answer = await this.#try(ask);
    if (repeats && this.left > 0 && isRefusal(answer) && answer !== OVERDUE && this.#wasCut(answer)) {
      this.#connection!.retire();
      answer = await this.#try(ask);
    }
    const refused = this.#connection;
    if (this.left > 0 && isRefusal(answer) && answer.outcome === "denied") {
      const denied = answer;
      answer = await this.#try(ask, async () => {
        if (!await this.#client.renewCredential(refused, this.#call)) throw denied;
        refused?.retire();
      });
    }
    if (answer !== OVERDUE) this.#client.note(isRefusal(answer) ? answer : undefined, this.#call);
    if (isRefusal(answer)) this.#connection?.retire();
    return answer;
  }

  // Hint: something on the path may have closed or forgotten a connection that was idle since the last renewal.
  #wasCut({ outcome }: Refusal): boolean {
    return outcome === "unavailable" && !!this.#connection?.isKept;
  }

  async #try<T>(ask: (register: Register) => Promise<T>, before?: () => Promise<void>): Promise<T | Refusal> {
    const { leading, isOver } = this;
    if (isOver && !leading) return OVERDUE;
    const { clock } = this.#client.deps.ambient;
    const most = Math.max(this.#client.bound - this.spent, leading);
    const limit = Math.min(this.#client.limit, most);
    const began = clock.now();
    const answer = await this.#client.within(async (check) => {
      await before?.();
      check();
      const { register } = await this.#enter(check);
      this.left--;
      return await ask(register);
    }, most);
    // Hint: without an answer, the timer's time counts; it also bounds what a clock says that was set meanwhile.
    const isLate = answer === TOO_LATE || answer === OVERDUE;
    if (!leading) this.spent += isLate ? limit : Math.min(Math.max(0, clock.now() - began), limit);
    return answer;
  }

  /** Whether a caller has waited as long as it may. */
  get isOver(): boolean {
    return this.spent >= this.#client.bound;
  }

  /** Waits for some milliseconds, as far as a caller may. */
  async wait(ms: number): Promise<void> {
    const most = Math.min(ms, this.#client.bound - this.spent);
    await sleep(this.#client.deps.ambient.clock, most);
    this.spent += most;
  }

  async #enter(check: () => void): Promise<Connection> {
    if (this.#connection && !this.#connection.retired) return this.#connection;
    this.#connection?.leave();
    this.#connection = undefined;
    const connection = (await this.#client.connect(this.#call)).enter();
    try {
      check();
    } catch (late) {
      // Hint: a later call can use it, unless it belongs to this request and is closed.
      this.#leave(connection);
      throw late;
    }
    return this.#connection = connection;
  }

  /** Ends the run. */
  end(): void {
    if (this.#connection) this.#leave(this.#connection);
  }

  #leave(connection: Connection): void {
    connection.isKept = true;
    if (this.#client.deps.ambient.requestBound) connection.retire();
    connection.leave();
  }
}

// Hint: an engine that returns a boolean says whether it replaced the text, and would then be asked to replace version
// `true`.
function isVersion(version: unknown): boolean {
  return version !== undefined && version !== null && typeof version !== "boolean";
}

const EXHAUSTED = /* @__PURE__ */ unavailable("the engine was asked as often as one request may");
