import { ANSWER, type AnswerOptions } from "../../core/chain/answer.ts";
import { isThenable } from "../../core/chain/eventually.ts";
import { isRefusal } from "../../core/chain/outcome.ts";
import type { Store } from "../../core/chain/store.ts";
import { partsOf, storeKind } from "../../core/chain/store_kind.ts";
import type { UntypedLook, UntypedOpened } from "../../core/source/reader.ts";
import type { CloseContext, Surroundings } from "../../core/chain/store_spec.ts";

/** What a look-up gave, and the time by the store's clock. */
export interface Given {
  readonly value: unknown;
  readonly known: AnswerOptions;
  readonly at: number;
}

/** A request of a store. */
export interface Request {
  readonly signal: AbortSignal | undefined;
  isOver: boolean;
}

/** How an observed store is treated differently than by a resolver. */
export interface Treatment {
  /** Nothing is looked up in it: every look-up is a miss. */
  readonly unasked?: boolean;
  /** When the answers of its place arrive. */
  readonly arrival?: Promise<void> | undefined;
  /** Its needs are not held when it is closed. */
  readonly needless?: boolean;
}

/** What a store does: what it gave, asked for, threw, and how it was closed. */
export class Observed {
  readonly #treatment: Treatment;
  readonly given: Given[] = [];
  readonly variables: Set<string> = new Set();
  readonly hosts: Set<string> = new Set();
  readonly requests: Request[] = [];
  /** Look-ups that have not ended. */
  pending = 0;
  /** Whether a look-up threw something other than a refusal. */
  threw = false;
  /** Whether it can be closed; known once it is open. */
  hasClose = false;
  /** How often closing began, how often it ended, and whether it threw. */
  readonly closing = { begun: 0, ended: 0, threw: false };
  #close: ((signal: AbortSignal) => Promise<void>) | undefined;

  constructor(treatment: Treatment = {}) {
    this.#treatment = treatment;
  }

  /** Returns the same store, observed. */
  store(store: Store): Store {
    const { spec, options, uses } = partsOf(store)!;
    const open: typeof spec.open = (values, surroundings) => {
      const opened = spec.open(values, this.#around(surroundings));
      if (!opened || isRefusal(opened) || isThenable(opened)) return opened;
      const parts = (typeof opened === "function" ? { look: opened } : opened) as UntypedOpened;
      const { read, close } = parts;
      const now = () => surroundings.clock.now();
      this.hasClose = close !== undefined;
      return {
        look: this.#asking((what, context) => parts.look(what, context), now, undefined),
        ...(read && { read: this.#asking((names, context) => read.call(parts, names, context), now, {}) }),
        ...(close && { close: (context: CloseContext<string>) => this.#closed(close.bind(parts), context) }),
      } as unknown as ReturnType<typeof spec.open>;
    };
    return storeKind({ ...spec, open }, uses)(options as never) as Store;
  }

  /** Closes the store again. */
  async closeAgain(): Promise<void> {
    await this.#close?.(new AbortController().signal);
  }

  #asking(run: UntypedLook, now: () => number, nothing: unknown): UntypedLook {
    return (what, context) => {
      if (this.#treatment.unasked) return nothing;
      this.pending++;
      try {
        const answer = run(what, context);
        if (!isThenable(answer)) return this.#answered(answer, now);
        return answer.then((later: unknown) => this.#answered(later, now), (error: unknown) => this.#thrown(error));
      } catch (error) {
        return this.#thrown(error);
      }
    };
  }

  #answered(answer: unknown, now: () => number): unknown {
    this.pending--;
    const isNamed = typeof answer === "object" && answer !== null && !(ANSWER in answer) && !isRefusal(answer);
    for (const each of isNamed ? [answer, ...Object.values(answer)] : [answer]) {
      const known = Object(each)[ANSWER] === true ? each as AnswerOptions & { readonly value: unknown } : undefined;
      this.given.push({ value: known ? known.value : each, known: known ?? {}, at: now() });
    }
    return answer;
  }

  #thrown(error: unknown): never {
    this.pending--;
    if (!isRefusal(error)) this.threw = true;
    throw error;
  }

  #closed(close: (context: CloseContext<string>) => unknown, context: CloseContext<string>): Promise<void> {
    const need: typeof context.need = this.#treatment.needless ? () => undefined : context.need;
    this.#close = async (signal) => {
      this.closing.begun++;
      try {
        await close({ signal, need });
      } catch {
        this.closing.threw = true;
      }
      this.closing.ended++;
    };
    return this.#close(context.signal);
  }

  #around(surroundings: Surroundings): Surroundings {
    return {
      ...surroundings,
      variable: (name) => {
        this.variables.add(name);
        return surroundings.variable(name);
      },
      fetch: async (input, init) => {
        const url = new URL(input instanceof globalThis.Request ? input.url : input);
        this.hosts.add(url.host);
        const signal = init?.signal ?? (input instanceof globalThis.Request ? input.signal : undefined);
        const request: Request = { signal, isOver: false };
        this.requests.push(request);
        try {
          const response = await surroundings.fetch(input, init);
          await this.#treatment.arrival;
          return response;
        } finally {
          request.isOver = true;
        }
      },
    };
  }
}
