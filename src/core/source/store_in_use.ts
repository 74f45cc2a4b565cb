import type { MaybePromise } from "../chain/eventually.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./flight.ts";
import { type OpenStore, openStore } from "./open_store.ts";
import type { RawLook } from "./reader.ts";
import type { Deps, Previous, Source, StorePlan, StoreUse } from "./source.ts";

/** A store of a resolver: opened when it is first asked, and then used as its shape says. */
export class StoreInUse {
  readonly plan: StorePlan;
  readonly #deps: Deps;
  #open: OpenStore | undefined;
  #use: StoreUse | undefined;

  constructor(plan: StorePlan, deps: Deps, open?: OpenStore) {
    this.plan = plan;
    this.#deps = deps;
    this.#open = open;
  }

  /** The open store; what its options refer to is read the first time. */
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
    return this.#inUse(open.look).answer(source, wanted, previous, call);
  }

  /** Returns what a token store holds for a source, without asking it. */
  held(source: Source): Answer | undefined {
    const { open } = this;
    return open.state === "on" ? this.#inUse(open.look).held?.(source) : undefined;
  }

  /** Returns what a token store answers while it is not asked after a failure. */
  paused(source: Source): Answer | undefined {
    const { open } = this;
    return open.state === "on" ? this.#inUse(open.look).paused?.(source) : undefined;
  }

  /** The same open store, for look-ups that leave nothing behind in this one. */
  detached(deps: Deps): StoreInUse {
    return new StoreInUse(this.plan, deps, this.open);
  }

  #inUse(look: RawLook): StoreUse {
    return this.#use ??= this.plan.shape.use(this.plan, look, this.#deps);
  }
}
