import type { Credential } from "../chain/credential.ts";
import type { MaybePromise } from "../chain/eventually.ts";
import type { Fields } from "../chain/field.ts";
import { type Refusal, unavailable } from "../chain/outcome.ts";
import { type Answer, type Need, NOTHING } from "../source/answer.ts";
import type { Silences } from "../source/silences.ts";
import type { Deps, StorePlan } from "../source/source.ts";
import { StoreInUse } from "../source/store_in_use.ts";
import { needRefusal } from "./failure.ts";
import { HeldCredential } from "./held_credential.ts";
import { type Internals, internals } from "./internals.ts";
import type { CredentialPlan } from "./credential_plan.ts";
import type { PlannedSource } from "./verdict.ts";
import { type Failed, type Found, walk } from "./walk.ts";

/** The answer of every source of a credential, by its index, and the walk over them. */
export interface Looked {
  readonly answers: readonly Answer[];
  readonly walked: Found | Failed;
  /** The sources that the walk reached although they were not asked. */
  readonly unasked: readonly Unasked[];
}

/** A source that was not asked, and the fields that it would be asked for, by their indices. */
export interface Unasked {
  readonly at: number;
  readonly wanted: readonly number[];
}

const NO_TOKEN = "holds no token, and was not asked: the option live asks it";
const NO_NEED = "needs a credential that is not held, and was not asked: the option live asks it";
const EXPIRED_TOKEN = "holds a token that has expired, and was not asked: the option live asks it";

/**
 * Asks the sources of credentials and leaves nothing behind: nothing is kept, no listener is told, and a store that is
 * in a backoff is not asked. Token stores are asked only if it is live; otherwise what they hold counts.
 */
export class QuietAsk {
  readonly #internals: Internals;
  readonly #live: boolean;
  readonly #stores = new Map<string, StoreInUse>();
  readonly #looks = new Map<string, Promise<Looked>>();
  readonly #notAsked = new WeakMap<Answer, string>();
  readonly #notHeld: Refusal = unavailable("needs a credential that is not held: the option live asks for it");

  constructor(resolver: object, live: boolean) {
    this.#internals = internals(resolver);
    this.#live = live;
  }

  /** Asks every source of a credential once, including those below the winner. */
  look(plan: CredentialPlan): Promise<Looked> {
    const known = this.#looks.get(plan.key) ?? this.#look(plan);
    this.#looks.set(plan.key, known);
    return known;
  }

  /** Returns a credential if it is held and fresh, so that a store which needs it need not ask for it. */
  fresh(key: string): Credential<Fields> | undefined {
    const hold = this.#internals.hold(key);
    return hold?.fresh ? hold.credential : undefined;
  }

  async #look(plan: CredentialPlan): Promise<Looked> {
    const answers = await Promise.all(plan.sources.map((source) => this.#answer(source)));
    const unasked: Unasked[] = [];
    const walked = await walk(plan, (at, wanted) => {
      const answer = answers[at]!;
      if (this.#notAsked.has(answer)) unasked.push({ at, wanted });
      return answer;
    });
    return { answers, walked, unasked };
  }

  /** Returns why the store of an answer was not asked, if it was not. */
  whyNotAsked(answer: Answer): string | undefined {
    return this.#notAsked.get(answer);
  }

  async #answer(source: PlannedSource): Promise<Answer> {
    const { name, shape } = source.store;
    const store = this.#internals.deps.store(name);
    const paused = store.answers?.paused?.(source) ?? silenceOf(store.answers?.silences, source);
    if (paused) return paused;
    if (shape.issued && store.open.state === "on" && !this.#live) return this.#valid(store.answers?.held?.(source));
    const answer = await this.#detached(store, source.store).answer(source, source.mapped, undefined, {});
    return answer.reading === this.#notHeld ? this.#unasked(NO_NEED) : answer;
  }

  /** Returns the answer of a held token; one that has expired would be renewed before it is used. */
  #valid(held: Answer | undefined): Answer {
    if (!held) return this.#unasked(NO_TOKEN);
    return this.#internals.deps.ambient.clock.now() < held.expiresAt! ? held : this.#unasked(EXPIRED_TOKEN);
  }

  #unasked(why: string): Answer {
    const answer: Answer = { reading: NOTHING, until: 0 };
    this.#notAsked.set(answer, why);
    return answer;
  }

  /** Returns the same open store, for look-ups that leave nothing behind in it. */
  #detached(store: StoreInUse, plan: StorePlan): StoreInUse {
    const { open } = store;
    const known = this.#stores.get(plan.name);
    if (known) return known;
    // Hint: without `share`, since the other machines of a fleet must not be told anything either.
    const alone = { ...plan, options: { ...plan.options, share: undefined } };
    const deps: Deps = {
      ambient: this.#internals.deps.ambient,
      refuse: () => {},
      resolveNeed: (key) => this.#need(key),
      latestNeed: (key) => this.#internals.hold(key)?.latestNeed,
      plan: this.#internals.deps.plan,
      store: this.#internals.deps.store,
    };
    const detached = new StoreInUse(alone, deps, open);
    this.#stores.set(plan.name, detached);
    return detached;
  }

  #need(key: string): MaybePromise<Need | Refusal> {
    const hold = this.#internals.hold(key)!;
    return hold.fresh ? hold.needOf(hold.credential!) : this.#lookForNeed(hold.plan);
  }

  async #lookForNeed(plan: CredentialPlan): Promise<Need | Refusal> {
    const { walked, unasked } = await this.look(plan);
    const { key } = plan;
    const { generations = 0 } = this.#internals.hold(key) ?? {};
    if (unasked.length > 0) return this.#notHeld;
    if (!walked.found) return needRefusal(plan, walked);
    return { credential: new HeldCredential(plan, walked, generations + 1), key, until: walked.until, provenance: [] };
  }
}

/** Returns the answer for a source whose store is not asked for one of its names. */
function silenceOf(silences: Silences | undefined, { reader, mapped }: PlannedSource): Answer | undefined {
  const names = reader.document ? [reader.document.name] : [reader.reads, ...mapped.map((at) => reader.names[at])];
  const reading = names.map((name) => silences?.refusal(name)).find((each) => each);
  return reading && { reading, until: 0 };
}
