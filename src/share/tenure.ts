import type { Clock } from "../core/chain/host.ts";
import { isRefusal, type Refusal } from "../core/chain/outcome.ts";
import type { Entry } from "./entry.ts";
import type { EntryRegister, Look, Place, Sealed } from "./entry_register.ts";
import { beat, lead, release } from "./transitions.ts";

/** How many calls of the engine are left for the result: to write it, and to look whether it was written. */
const CALLS_FOR_RESULT = 2;

/** The time in which one machine has the lease of an entry, from its first swap to its last. */
export class Tenure {
  /** Whether another change came first: nothing is overwritten then. */
  lost = false;
  readonly #register: EntryRegister;
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #now: number;
  #place: Place;
  /** What may be there instead: the answer was lost. */
  #doubted: Sealed[] = [];
  #cancel: (() => void) | undefined;
  #beating: Promise<void> | undefined;
  #ended = false;

  constructor(register: EntryRegister, look: Look, clock: Clock, lease: number) {
    this.#register = register;
    this.#place = look;
    this.#now = look.now;
    this.#clock = clock;
    this.#interval = lease / 4;
  }

  /** What is there, as far as this machine knows. */
  get entry(): Entry {
    return this.#place.entry;
  }

  /** Takes the lease, and shows from then on that its owner is alive; returns whether it has it, or a refusal. */
  async begin(owner: string): Promise<boolean | Refusal> {
    const taken = await this.#replace(lead(this.entry, owner, this.#now), true);
    if (taken === true) this.#beatLater();
    return taken;
  }

  /** Ends it with an entry: returns whether that is there, or why it cannot be written. It is released then. */
  async end(entryAfter: (entry: Entry) => Entry): Promise<boolean | Refusal> {
    if (this.#ended) return false;
    this.#ended = true;
    this.#cancel?.();
    // Hint: two swaps at once would lose against each other.
    await this.#beating;
    if (this.lost) return false;
    const written = await this.#replace(entryAfter(this.entry), true);
    if (isRefusal(written) && this.#doubted.length === 0) await this.#replace(release(this.entry), true);
    return written;
  }

  /** Releases the lease. */
  release(): Promise<boolean | Refusal> {
    return this.end(release);
  }

  #beatLater(): void {
    this.#cancel = this.#clock.after(this.#interval, () => {
      this.#beating = this.#beat();
    });
  }

  async #beat(): Promise<void> {
    if (this.#register.calls.left > CALLS_FOR_RESULT) await this.#replace(beat(this.entry), false);
    if (!this.#ended && !this.lost) this.#beatLater();
  }

  /**
   * Replaces what is there: returns whether it did, or a refusal. What is urgent is tried although the engine did not answer
   * before, and where its answer is lost, it looks whose entry is there.
   */
  async #replace(entry: Entry, urgent: boolean): Promise<boolean | Refusal> {
    const known = this.#doubted.length > 0 ? await this.#settle(urgent) : true;
    if (known !== true) return known;
    const sealed = await this.#register.seal(entry);
    const swapped = await this.#register.swap(this.#place, sealed, this.#now, urgent);
    if (!isRefusal(swapped)) {
      this.lost = !swapped;
      if (swapped) this.#place = swapped;
      return !!swapped;
    }
    this.#doubted.push(sealed);
    const settled = urgent ? await this.#settle(true) : swapped;
    return settled === true ? this.#place.text === sealed.text || swapped : settled;
  }

  /** Looks which of the entries that may be there is. */
  async #settle(urgent: boolean): Promise<boolean | Refusal> {
    const look = await this.#register.look(urgent);
    if (isRefusal(look)) return look;
    const mine = [this.#place, ...this.#doubted].find(({ text }) => text === look.text);
    this.lost = !mine;
    if (mine) this.#place = { ...mine, version: look.version };
    this.#doubted = [];
    return !!mine;
  }
}
