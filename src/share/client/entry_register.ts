import type { Clock } from "../../core/chain/host.ts";
import { MINUTE } from "../../core/chain/limits.ts";
import { isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { EngineCalls } from "./engine_calls.ts";
import type { Entry } from "../entry/entry.ts";
import type { EntryKeys } from "../entry/entry_keys.ts";
import { openEntry, sealEntry } from "../entry/sealed_entry.ts";

/** An entry, and its text. */
export interface Sealed {
  readonly entry: Entry;
  readonly text: string | undefined;
}

/** What is there under a name, for a swap to replace. */
export interface Place extends Sealed {
  readonly version: unknown;
}

/** What was read, and when. */
export interface Look extends Place {
  /** The engine's time. */
  readonly now: number;
  /** When it was asked, and when it had answered, by this machine's clock. */
  readonly asked: number;
  readonly answered: number;
}

/** The entry of one token, as one run reads and replaces it. */
export class EntryRegister {
  readonly calls: EngineCalls;
  readonly #keys: EntryKeys;
  readonly #clock: Clock;

  constructor(calls: EngineCalls, keys: EntryKeys, clock: Clock) {
    this.calls = calls;
    this.#keys = keys;
    this.#clock = clock;
  }

  /** Reads the entry. */
  async look(urgent = false): Promise<Look | Refusal> {
    const asked = this.#clock.now();
    const registered = await this.calls.get(this.#keys.name, urgent);
    if (isRefusal(registered)) return registered;
    const answered = this.#clock.now();
    const { now, text, version } = registered;
    return { entry: await openEntry(text, this.#keys), text, version, now, asked, answered };
  }

  /** Seals an entry. */
  async seal(entry: Entry): Promise<Sealed & { readonly text: string }> {
    return { entry, text: await sealEntry(entry, this.#keys) };
  }

  /**
   * Replaces what is there: returns what is there then, `undefined` if another change came first, or a refusal.
   *
   * @param before What is replaced.
   * @param sealed What takes its place.
   * @param now The engine's time, approximately.
   */
  async swap(
    before: Place,
    { entry, text }: Sealed & { readonly text: string },
    now: number,
    urgent: boolean,
  ): Promise<Place | undefined | Refusal> {
    const change = { text, ttl: ttlOf(entry, now) };
    const swapped = await this.calls.swap(this.#keys.name, before.version, change, urgent);
    return swapped && !isRefusal(swapped) ? { entry, text, version: swapped.version } : swapped;
  }
}

/** How long a token that does not expire is kept, unless it is renewed: 30 days. */
const ENDLESS_MS = 2_592_000_000;

/** Returns how long an entry is kept, in milliseconds. This only tidies up: the times that count are in the entry. */
function ttlOf({ token, failure }: Entry, now: number): number {
  const end = token ? token.end ?? now + ENDLESS_MS : now;
  const left = Math.max(end, failure?.until ?? now) - now;
  return Math.ceil(Math.min(Math.max(left, 0), ENDLESS_MS) + 10 * MINUTE);
}
