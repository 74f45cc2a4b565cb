import type { Clock } from "../core/chain/host.ts";
import { MINUTE } from "../core/chain/limits.ts";
import { isRefusal, type Refusal } from "../core/chain/outcome.ts";
import { MAX_LIFETIME_MS } from "../core/source/freshness.ts";
import type { EngineCalls } from "./engine_calls.ts";
import type { Entry } from "./entry.ts";
import type { EntryKeys } from "./entry_keys.ts";
import { openEntry, sealEntry } from "./sealed_entry.ts";

/** What is there under a name, to be swapped against. */
export interface Place {
  readonly entry: Entry;
  readonly text: string | undefined;
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

  /**
   * Replaces an entry: returns what is there then, `undefined` where another change came first, or a refusal. Where the
   * answer is lost, it looks whose entry is there.
   *
   * @param before What is replaced.
   * @param entry What takes its place.
   * @param now The engine's time, at least nearly.
   */
  async swap(before: Place, entry: Entry, now: number, urgent = false): Promise<Place | undefined | Refusal> {
    const text = await sealEntry(entry, this.#keys);
    const change = { text, ttl: ttlOf(entry, now) };
    const swapped = await this.calls.swap(this.#keys.name, before.version, change, urgent);
    if (!swapped) return undefined;
    if (!isRefusal(swapped)) return { entry, text, version: swapped.version };
    const seen = this.calls.left > 0 ? await this.look(true) : swapped;
    if (isRefusal(seen) || seen.text === before.text) return swapped;
    return seen.text === text ? { entry, text, version: seen.version } : undefined;
  }
}

/** How long a token without an end is kept, unless it is renewed. */
const ENDLESS_MS = 30 * MAX_LIFETIME_MS;

/** Returns how long an entry is kept, in milliseconds. It only tidies: what counts is in the entry. */
function ttlOf({ token, failure }: Entry, now: number): number {
  const end = token ? token.end ?? now + ENDLESS_MS : now;
  const left = Math.max(end, failure?.until ?? now) - now;
  return Math.ceil(Math.min(Math.max(left, 0), ENDLESS_MS) + 10 * MINUTE);
}
