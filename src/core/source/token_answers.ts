import { combineRefusals } from "../chain/errors.ts";
import { andThen, type MaybePromise } from "../chain/eventually.ts";
import { isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { readText } from "../chain/reference.ts";
import { type Answer, type FieldValues, NOTHING, type Nothing } from "./answer.ts";
import { canonical } from "./data.ts";
import type { LookUpContext, Reader, UntypedLook } from "./reader.ts";
import type { Obtained } from "./pauses.ts";
import { readReferences, type ReferenceReading } from "./references.ts";
import { Renewal } from "./renewal.ts";
import { shareOf, type Sharing } from "./sharing.ts";
import type { Call, Deps, OpenedStore, Previous, Source, StoreAnswers, StorePlan } from "./source.ts";
import type { TokenGeneration } from "./token_generation.ts";

/** The answers of a token store: a token is held for each request, and renewed before it expires. */
export class TokenAnswers implements StoreAnswers {
  readonly #store: StorePlan;
  readonly #look: UntypedLook;
  readonly #deps: Deps;
  /** By the JSON of their request. */
  readonly #renewals = new Map<string, Renewal>();
  /** By the reader whose request could be read. */
  readonly #byReader = new WeakMap<Reader, Renewal>();

  readonly sharing: Sharing | undefined;

  constructor(store: StorePlan, { look, options }: OpenedStore, deps: Deps) {
    this.#store = store;
    this.#look = look;
    this.#deps = deps;
    this.sharing = shareOf(store)?.use(store, options, deps);
  }

  answer(
    source: Source,
    _wanted: readonly number[],
    _previous: Previous | undefined,
    call: Call,
  ): MaybePromise<Answer> {
    const renewal = this.#renewalOf(source);
    if (isRefusal(renewal)) return { reading: renewal, until: Infinity };
    return andThen(renewal.get(call), (obtained) => this.#answerOf(source, obtained));
  }

  held(source: Source): Answer | undefined {
    const renewal = this.#renewalOf(source);
    const generation = isRefusal(renewal) ? undefined : renewal.held;
    return generation && this.#answerOf(source, { generation, until: 0 });
  }

  paused(source: Source): Answer | undefined {
    const renewal = this.#renewalOf(source);
    if (isRefusal(renewal)) return { reading: renewal, until: Infinity };
    const obtained = renewal.paused();
    return obtained && this.#answerOf(source, obtained);
  }

  /**
   * Returns the renewal of what is asked for, or why its variables cannot be read; they are read again until they can
   * be.
   */
  #renewalOf({ reader }: Source): Renewal | Refusal {
    const known = this.#byReader.get(reader);
    if (known) return known;
    const lacking: ReferenceReading["lacking"] = new Map();
    const declared = {};
    const request = readReferences(reader.request, this.#deps.ambient.variable, { declared, lacking }, "request");
    if (lacking.size > 0) return combineRefusals([...lacking.keys()]);
    const key = canonical(request);
    const renewal: Renewal = this.#renewals.get(key) ??
      new Renewal(
        this.#store,
        this.#deps,
        (asked, context) => this.#look(asked, Object.assign(context, { declared })),
        request,
        this.sharing?.lookUp(request, () => renewal.held),
      );
    this.#renewals.set(key, renewal);
    this.#byReader.set(reader, renewal);
    return renewal;
  }

  /** Builds the answer for the fields of one credential; an expired token is only a last resort. */
  #answerOf(source: Source, { generation, refusal, until, ms, needs = generation?.needs }: Obtained): Answer {
    if (!generation) return { reading: refusal ?? NOTHING, until, ms, needs };
    const reading = this.#read(source, generation);
    const { expiresAt } = generation;
    const answer = { generation, until, ms, needs, expiresAt, staleBecause: refusal };
    if (this.#deps.ambient.clock.now() < expiresAt) return { ...answer, reading };
    const { detail } = refusal ?? unavailable("the token was not renewed");
    // Hint: a lifetime that was assumed or cut is not the server's expiry.
    const { options, spec } = this.#store;
    const policy = (generation.stated && (options.onExpired ?? spec.onExpired)) || "serve";
    const values = policy === "serve" && reading.outcome === "found" ? reading : undefined;
    return { ...answer, reading: unavailable(`${detail}; the held token has expired`), expired: { policy, values } };
  }

  // Hint: a reader takes a look-up; this one returns the held values, so it answers synchronously.
  #read({ reader, mapped }: Source, { values }: TokenGeneration): Nothing | FieldValues | Refusal {
    const context: Pick<LookUpContext, "referred"> = {
      referred: (reference) => readText(reference, this.#deps.ambient.variable),
    };
    return reader.read(() => values, context as LookUpContext, mapped) as Nothing | FieldValues | Refusal;
  }
}
