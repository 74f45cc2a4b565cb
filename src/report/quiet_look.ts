import { HeldCredential } from "../credential.ts";
import type { MaybePromise } from "../eventually.ts";
import { needRefusal } from "../failure.ts";
import type { Insides } from "../insides.ts";
import { type Refusal, unavailable } from "../outcome.ts";
import type { CredentialPlan, Source } from "../plan.ts";
import type { Needed } from "../renewal.ts";
import type { LiveStore } from "../sources.ts";
import { type Answer, type Failed, type Found, walk } from "../walk.ts";

/** Why a token store that holds nothing was not asked. */
export const UNASKED = "holds nothing, and was not asked: a live explanation asks it";

/** Every answer of one credential's stores, by their index, and the walk that they come to. */
export interface Looked {
  readonly answers: readonly Answer[];
  readonly walked: Found | Failed;
}

/**
 * Looks at every store of a credential without leaving anything behind: nothing is kept, nobody is told, and a store
 * that is in a backoff is not asked. Token stores are asked only by a live look; else what they hold counts.
 */
export class QuietLook {
  /** The answers of stores that were not asked. */
  readonly unasked: WeakSet<Answer> = new WeakSet();
  readonly #inside: Insides;
  readonly #live: boolean;
  readonly #aside = new Map<string, LiveStore>();
  readonly #needs = new Map<string, Promise<Needed | Refusal>>();
  readonly #unmet: Refusal = unavailable("needs a credential that is not held: a live explanation asks for it");

  constructor(inside: Insides, live: boolean) {
    this.#inside = inside;
    this.#live = live;
  }

  /** Asks all stores of a credential. */
  async look(plan: CredentialPlan): Promise<Looked> {
    const answers = await Promise.all(plan.sources.map((source) => this.#answer(source)));
    return { answers, walked: await walk(plan, (at) => answers[at]!) };
  }

  async #answer(source: Source): Promise<Answer> {
    const { name, shape } = source.store;
    const store = this.#inside.stores.get(name)!;
    if (shape.keep && store.open.state === "on") {
      const known = store.paused(source) ?? (this.#live ? undefined : store.held(source));
      if (known) return known;
      if (!this.#live) return this.#unasked(source);
    }
    const answer = await this.#storeAside(store).answer(source, source.wanted, undefined, {});
    return answer.reading === this.#unmet ? this.#unasked(source) : answer;
  }

  #unasked({ reader }: Source): Answer {
    const answer: Answer = { reading: { values: [], names: reader.names }, until: 0 };
    this.unasked.add(answer);
    return answer;
  }

  #storeAside(store: LiveStore): LiveStore {
    const { name } = store.plan;
    const known = this.#aside.get(name);
    if (known) return known;
    const aside = store.aside({
      ambient: { ...this.#inside.ambient, log: () => {} },
      invalidate: () => {},
      resolveNeed: (key) => this.#need(key),
    });
    this.#aside.set(name, aside);
    return aside;
  }

  #need(key: string): MaybePromise<Needed | Refusal> {
    const hold = this.#inside.holds.get(key)!;
    if (hold.fresh) return { credential: hold.credential!, key, until: hold.until, origin: hold.origin };
    const known = this.#needs.get(key) ?? this.#lookForNeed(hold.plan);
    this.#needs.set(key, known);
    return known;
  }

  async #lookForNeed(plan: CredentialPlan): Promise<Needed | Refusal> {
    const { answers, walked } = await this.look(plan);
    const { key, names } = plan;
    if (walked.found) {
      return { credential: new HeldCredential(key, names, walked), key, until: walked.until, origin: [] };
    }
    return answers.some((answer) => this.unasked.has(answer)) ? this.#unmet : needRefusal(plan, walked);
  }
}
