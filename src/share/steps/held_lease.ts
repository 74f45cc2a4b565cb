import type { Clock } from "../../core/chain/host.ts";
import { isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Entry } from "../entry/entry.ts";
import type { EntryRegister, Look, Place, Sealed } from "../client/entry_register.ts";
import { beat, release, takeLease } from "../entry/transitions.ts";

/** How many calls to the engine are reserved for the result: to write it, and to check whether it was written. */
const CALLS_FOR_RESULT = 2;

/** How many heartbeats an owner sends within the duration of a lease. */
export const BEATS_PER_LEASE = 4;

/** At most how many times writing a result is tried while nobody else has written anything. */
const MAX_TRIES = 3;

/** The lease of an entry, as this machine has it from its first swap to its last. */
export class HeldLease {
  /** Whether another change came first: nothing is overwritten then. */
  lost = false;
  readonly #register: EntryRegister;
  readonly #clock: Clock;
  readonly #lease: number;
  #now = 0;
  #place: Place = { entry: {}, text: undefined, version: undefined };
  /** What may be there instead, since an answer was lost. */
  #doubted: Sealed[] = [];
  #cancel: (() => void) | undefined;
  #beating: Promise<void> | undefined;
  #ended = false;

  constructor(register: EntryRegister, clock: Clock, lease: number) {
    this.#register = register;
    this.#clock = clock;
    this.#lease = lease;
  }

  /** What is there, as far as this machine knows. */
  get entry(): Entry {
    return this.#place.entry;
  }

  // Hint: a client that repeats an unanswered command is told that another change came first: its own.
  /** Whether the lease that it tried to take is there, although it was told that another change came first. */
  hasTaken({ text }: Look): boolean {
    return text !== undefined && this.#doubted.some((each) => each.text === text);
  }

  /**
   * Takes the lease, and sends heartbeats from then on.
   *
   * @returns Whether it has it, or a refusal.
   */
  async begin(look: Look): Promise<boolean | Refusal> {
    const taken = this.hasTaken(look) ? this.#recognize(look) : await this.#take(look);
    if (taken === true) {
      this.#register.calls.leading = this.#lease;
      this.#beatLater();
    }
    return taken;
  }

  async #take(look: Look): Promise<boolean | Refusal> {
    this.#place = look;
    this.#now = look.now;
    this.lost = this.#ended = false;
    const sealed = await this.#register.seal(takeLease(look.entry, crypto.randomUUID(), look.now));
    const taken = await this.#register.swap(look, sealed, look.now, true);
    this.#doubted = [sealed];
    if (!taken) return false;
    if (!isRefusal(taken)) return this.#recognize(taken);
    if (!isUnknown(taken)) return taken;
    const settled = await this.#settle(true);
    if (isRefusal(settled)) return taken;
    return settled && (this.#place.text === sealed.text || taken);
  }

  #recognize(place: Place): true {
    this.#place = place;
    this.#doubted = [];
    return true;
  }

  /**
   * Ends the lease with an entry: returns whether that was written, or why it cannot be, in which case the lease is
   * released.
   */
  async end(entryAfter: (entry: Entry) => Entry): Promise<boolean | Refusal> {
    if (this.#ended) return false;
    this.#ended = true;
    this.#cancel?.();
    // Hint: two swaps at once would lose against each other.
    await this.#beating;
    if (this.lost) return false;
    let written: boolean | Refusal | undefined;
    try {
      return written = await this.#write(entryAfter);
    } finally {
      // Hint: nothing was written if this threw.
      const isOpen = written === undefined || isRefusal(written);
      if (isOpen && this.#doubted.length === 0) await this.#replace(release(this.entry), true);
    }
  }

  async #write(entryAfter: (entry: Entry) => Entry): Promise<boolean | Refusal> {
    let written: boolean | Refusal = false;
    // Hint: an engine may also reject a swap because it was busy with others.
    for (let tries = 0; written === false && !this.lost && tries < MAX_TRIES; tries++) {
      written = await this.#replace(entryAfter(this.entry), true);
    }
    return written;
  }

  /** Releases the lease, unless it has ended; never rejects. */
  async release(): Promise<void> {
    await this.end(release).catch(() => {});
    this.#register.calls.leading = 0;
  }

  #beatLater(): void {
    this.#cancel = this.#clock.after(this.#lease / BEATS_PER_LEASE, () => {
      // Hint: without a heartbeat another machine takes over, so the lease counts as lost.
      this.#beating = this.#beat().catch(() => {
        this.lost = true;
      });
    });
  }

  async #beat(): Promise<void> {
    if (this.#register.calls.left > CALLS_FOR_RESULT) await this.#replace(beat(this.entry), false);
    if (!this.#ended && !this.lost) this.#beatLater();
  }

  /**
   * Replaces what is there: returns whether it did, or a refusal. What is urgent is tried even during an outage, and if
   * its answer is lost, this checks whose entry is there.
   */
  async #replace(entry: Entry, urgent: boolean): Promise<boolean | Refusal> {
    const known = this.#doubted.length > 0 ? await this.#settle(urgent) : true;
    if (known !== true) return known;
    const sealed = await this.#register.seal(entry);
    const swapped = await this.#register.swap(this.#place, sealed, this.#now, urgent);
    if (swapped && !isRefusal(swapped)) {
      this.#place = swapped;
      return true;
    }
    if (isRefusal(swapped) && !isUnknown(swapped)) return swapped;
    this.#doubted.push(sealed);
    const settled = urgent || !swapped ? await this.#settle(urgent) : swapped;
    return settled === true && this.#place.text !== sealed.text ? swapped ?? false : settled;
  }

  /** Checks which of the entries that may be there is there. */
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

// Hint: an engine that refuses a change has answered, so the next read must not hide that.
/** Whether a change may have been made although no answer says so. */
function isUnknown({ outcome }: Refusal): boolean {
  return outcome === "unavailable";
}
