import type { MaybePromise } from "../chain/eventually.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";
import { type OpenStore, openStore } from "./open_store.ts";
import type { Deps, Previous, Source, StoreAnswers, StorePlan } from "./source.ts";

/** A store of a resolver. It is opened when it is first asked, or again after that failed; its shape decides how it answers. */
export class StoreInUse {
  readonly #plan: StorePlan;
  readonly #deps: Deps;
  #open: OpenStore | undefined;
  /** What answers, once it was asked. */
  answers: StoreAnswers | undefined;

  constructor(plan: StorePlan, deps: Deps, open?: OpenStore) {
    this.#plan = plan;
    this.#deps = deps;
    this.#open = open;
  }

  /** The opened store, or why it is not open. What could not be opened is tried again, with its variables read again. */
  get open(): OpenStore {
    if (!this.#open || this.#open.state === "invalid") this.#open = openStore(this.#plan, this.#deps.ambient);
    return this.#open;
  }

  /** Asks for the fields with these indices of one credential; never rejects. */
  answer(
    source: Source,
    wanted: readonly number[],
    previous: Previous | undefined,
    call: Call,
  ): MaybePromise<Answer> {
    const { open } = this;
    if (open.state !== "on") return { reading: open.reading, until: Infinity };
    this.answers ??= this.#plan.shape.use(this.#plan, open.look, this.#deps);
    return this.answers.answer(source, wanted, previous, call);
  }
}
