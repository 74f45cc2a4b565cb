import type { MaybePromise } from "../chain/eventually.ts";
import { type Refusal, unavailable } from "../chain/outcome.ts";
import { type Answer, type Need, NOTHING } from "../source/answer.ts";
import type { StoreInUse } from "../source/store_in_use.ts";
import { needRefusal } from "./failure.ts";
import { HeldCredential } from "./held_credential.ts";
import { type Internals, internals } from "./internals.ts";
import type { CredentialPlan } from "./plan.ts";
import type { PlannedSource } from "./verdict.ts";
import { type Failed, type Found, walk } from "./walk.ts";

/** The answer of every source of a credential, by its index, and the walk over them. */
export interface Looked {
  readonly answers: readonly Answer[];
  readonly walked: Found | Failed;
}

/**
 * Asks the sources of credentials and leaves nothing behind: nothing is kept, no listener is told, and a store that is
 * in a backoff is not asked. Token stores are asked only by a live one; otherwise what they hold counts.
 */
export class QuietAsk {
  readonly #internals: Internals;
  readonly #live: boolean;
  readonly #stores = new Map<string, StoreInUse>();
  readonly #needs = new Map<string, Promise<Need | Refusal>>();
  readonly #notAsked = new WeakSet<Answer>();
  readonly #notHeld: Refusal = unavailable("needs a credential that is not held: the option live asks for it");

  constructor(resolver: object, live: boolean) {
    this.#internals = internals(resolver);
    this.#live = live;
  }

  /** Asks every source of a credential, also below the one that wins. */
  async look(plan: CredentialPlan): Promise<Looked> {
    const answers = await Promise.all(plan.sources.map((source) => this.#answer(source)));
    return { answers, walked: await walk(plan, (at) => answers[at]!) };
  }

  /** Whether an answer stands for a store that was not asked. */
  wasNotAsked(answer: Answer): boolean {
    return this.#notAsked.has(answer);
  }

  async #answer(source: PlannedSource): Promise<Answer> {
    const { name, shape } = source.store;
    const store = this.#internals.store(name);
    if (shape.issued && store.open.state === "on") {
      const known = store.paused(source) ?? (this.#live ? undefined : store.held(source));
      if (known) return known;
      if (!this.#live) return this.#unasked();
    }
    const answer = await this.#detached(store).answer(source, source.mapped, undefined, {});
    return answer.reading === this.#notHeld ? this.#unasked() : answer;
  }

  #unasked(): Answer {
    const answer: Answer = { reading: NOTHING, until: 0 };
    this.#notAsked.add(answer);
    return answer;
  }

  #detached(store: StoreInUse): StoreInUse {
    const { name } = store.plan;
    const known = this.#stores.get(name);
    if (known) return known;
    const detached = store.detached({
      ambient: { ...this.#internals.deps.ambient, log: () => {} },
      refuse: () => {},
      resolveNeed: (key) => this.#need(key),
    });
    this.#stores.set(name, detached);
    return detached;
  }

  #need(key: string): MaybePromise<Need | Refusal> {
    const hold = this.#internals.hold(key)!;
    const { provenance, until, generation } = hold;
    if (hold.fresh) return { credential: hold.credential!, key, until, provenance, generation };
    const known = this.#needs.get(key) ?? this.#lookForNeed(hold.plan);
    this.#needs.set(key, known);
    return known;
  }

  async #lookForNeed(plan: CredentialPlan): Promise<Need | Refusal> {
    const { answers, walked } = await this.look(plan);
    const { key, names } = plan;
    if (walked.found) {
      return { credential: new HeldCredential(key, names, walked), key, until: walked.until, provenance: [] };
    }
    return answers.some((answer) => this.wasNotAsked(answer)) ? this.#notHeld : needRefusal(plan, walked);
  }
}
