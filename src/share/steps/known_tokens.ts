import type { Shared } from "../../core/chain/outcome.ts";
import type { TokenGeneration } from "../../core/source/token_generation.ts";
import type { HeldToken } from "../entry/decide.ts";
import type { Entry } from "../entry/entry.ts";
import type { Look } from "../client/entry_register.ts";

/** What is known about a token, by its `values` object, which each generation has for itself. */
export interface KnownToken {
  /** The name of its entry. */
  readonly name: string;
  readonly how: Shared;
  /** Its number, and when it expires by the engine's clock; absent if it was obtained without the engine. */
  readonly number?: number;
  readonly end?: number;
}

/** The tokens of one request that this machine obtained. */
export class KnownTokens {
  readonly #known = new WeakMap<object, KnownToken>();
  /** The number of the latest token that a service refused, by the name of its entry. */
  readonly #refused = new Map<string, number>();

  /** Whether the login was refused since the last token was obtained. */
  #excused = false;

  add(values: object, known: KnownToken): void {
    this.#excused = false;
    this.#known.set(values, known);
  }

  of({ values }: TokenGeneration): KnownToken | undefined {
    return this.#known.get(values);
  }

  /** Notes that a service refused the held token, if it did. */
  noteRefusal(held: TokenGeneration | undefined): void {
    const { name, number } = held && this.of(held) || {};
    if (held?.reason === "refused" && name && number) this.#refused.set(name, number);
  }

  /** Excuses a refused login, which is then replaced, once for each token; returns whether it did. */
  excuse(): boolean {
    const before = this.#excused;
    this.#excused = true;
    return !before;
  }

  /** Returns the held token as it counts for the entry with a name at the time of a look. */
  held(held: TokenGeneration | undefined, name: string, look: Look): HeldToken | undefined {
    const known = held && this.of(held);
    if (!held || known && known.name !== name) return undefined;
    const isRotated = held.reason === "need";
    if (isRotated && !known?.number) return undefined;
    const { answered, now } = look;
    return {
      // Hint: the rotated credential leads to the same name, so the same token may be adopted again, but none before
      // it.
      number: isRotated ? known!.number! - 1 : known?.number,
      end: known?.end ?? now + held.expiresAt - answered,
      good: held.servable(answered),
      refused: held.wasRefused(answered),
      refusals: held.refusals,
    };
  }

  /** Returns an entry without its token if a service refused that: it may be there again after others were obtained. */
  unrefused(entry: Entry, name: string): Entry {
    const { token, ...others } = entry;
    return token && token.number <= (this.#refused.get(name) ?? 0) ? others : entry;
  }
}
