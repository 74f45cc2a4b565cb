import type { MaybePromise } from "../chain/eventually.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./flight.ts";
import { type OpenStore, openStore } from "./open_store.ts";
import type { UntypedLook } from "./reader.ts";
import type { Deps, Previous, Source, StoreAnswers, StorePlan } from "./source.ts";

/** A store of a resolver. It is opened when it is first asked, and its shape decides how it answers. */
export class StoreInUse {
  readonly plan: StorePlan;
  readonly #deps: Deps;
  #open: OpenStore | undefined;
  #answers: StoreAnswers | undefined;

  constructor(plan: StorePlan, deps: Deps, open?: OpenStore) {
    this.plan = plan;
    this.#deps = deps;
    this.#open = open;
  }

  /** The opened store, or why it is not open. Variables that its options refer to are read the first time. */
  get open(): OpenStore {
    return this.#open ??= openStore(this.plan, this.#deps.ambient);
  }

  /** Asks for the fields with these indices of one credential; never rejects. */
  answer(
    source: Source,
    wanted: readonly number[],
    previous: Previous | undefined,
    call: Call,
  ): MaybePromise<Answer> {
    const { open } = this;
    if (open.state === "off") return { reading: { outcome: "off", detail: open.reason }, until: Infinity };
    if (open.state === "invalid") return { reading: open.refusal, until: Infinity };
    return this.#answersOf(open.look).answer(source, wanted, previous, call);
  }

  /** Returns what a token store holds for a source, without asking it. */
  held(source: Source): Answer | undefined {
    const { open } = this;
    return open.state === "on" ? this.#answersOf(open.look).held?.(source) : undefined;
  }

  /** Returns what a token store answers while it is not asked after a failure. */
  paused(source: Source): Answer | undefined {
    const { open } = this;
    return open.state === "on" ? this.#answersOf(open.look).paused?.(source) : undefined;
  }

  /** The same open store, for look-ups that leave nothing behind in this one. */
  detached(deps: Deps): StoreInUse {
    return new StoreInUse(this.plan, deps, this.open);
  }

  #answersOf(look: UntypedLook): StoreAnswers {
    return this.#answers ??= this.plan.shape.use(this.plan, look, this.#deps);
  }
}
