import { combineRefusals, list } from "../chain/errors.ts";
import { ignoreRejection, isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient, HostParts } from "../chain/host.ts";
import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import type { Surroundings } from "../chain/store_spec.ts";
import type { Answer, Off } from "./answer.ts";
import type { UntypedLook, UntypedOpened } from "./reader.ts";
import { readOptions } from "./references.ts";
import type { Call, Deps, OpenedStore, Previous, Source, StoreAnswers, StorePlan } from "./source.ts";
import { stepsToSwitchOn } from "./switch_on.ts";

/** An open store: its look-up, or why there is none. */
export type OpenStore =
  | OpenedStore
  | { readonly state: "off"; readonly reading: Off }
  | { readonly state: "invalid"; readonly reading: Refusal };

/** Why a resolver that was disposed of gives nothing. */
export const CLOSED = "the resolver is disposed: create another";

/**
 * A store of a resolver. It is opened when it is first asked, and again after that failed; its shape decides how it
 * answers.
 */
export class StoreInUse {
  readonly #plan: StorePlan;
  readonly #deps: Deps;
  #open: OpenStore | undefined;
  #closed = false;
  /** What answers, once it was asked. */
  answers: StoreAnswers | undefined;

  constructor(plan: StorePlan, deps: Deps, open?: OpenStore) {
    this.#plan = plan;
    this.#deps = deps;
    this.#open = open;
  }

  /** The opened store, or why it is not open. What could not be opened is tried again, with its variables read again. */
  get open(): OpenStore {
    if (!this.#open || this.#open.state === "invalid") {
      // Hint: a walk may still be going on, and nobody would close a store that it opened.
      this.#open = this.#closed
        ? { state: "invalid", reading: invalid(CLOSED) }
        : openStore(this.#plan, this.#deps.ambient);
    }
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
    this.answers ??= this.#plan.shape.use(this.#plan, open, this.#deps);
    return this.answers.answer(source, wanted, previous, call);
  }

  /** Closes it, if it was opened; never rejects. */
  async close(signal: AbortSignal, need: (key: string) => object | undefined): Promise<void> {
    const { answers } = this;
    this.#closed = true;
    const { close } = (this.#open ?? {}) as Partial<OpenedStore>;
    const context = { signal, need: (name: string) => need(String(this.#plan.options[name])) };
    // Hint: what closing throws, or rejects with, is the store's own fault.
    const closing = async () => await close?.(context);
    await Promise.allSettled([answers?.sharing?.close(), closing()]);
  }
}

/** Opens a store: reads what its options refer to, and gets its look-up. */
function openStore(store: StorePlan, ambient: Ambient): OpenStore {
  const { spec } = store;
  const steps = stepsToSwitchOn(store, ambient.variable);
  if (isRefusal(steps)) return { state: "invalid", reading: steps };
  if (steps.size > 0) {
    return off(list([...steps.keys(), ...store.store.needs.map((key) => `supply "${key}"`)]));
  }
  const { values, declared, lacking } = readOptions(store, ambient.variable);
  if (lacking.size > 0) return { state: "invalid", reading: combineRefusals([...lacking.keys()]) };
  const { variable, clock, random, requestBound } = ambient;
  let opened, surroundings;
  try {
    surroundings = { variable, clock, random, requestBound, declared, ...partsFor(store, ambient) };
    opened = functionsOf(spec.open(values, surroundings));
  } catch {
    opened = invalid("its open() threw: fix the store's code");
  }
  if (!opened) return off(spec.off ?? "this runtime lacks what it needs");
  if (isRefusal(opened)) return { state: "invalid", reading: opened };
  return { state: "on", options: values, surroundings: surroundings!, ...opened };
}

/** Returns the functions of an open store, each bound to it, or a refusal if it has no look-up. */
function functionsOf(opened: unknown): UntypedOpened | Refusal | undefined {
  if (!opened) return undefined;
  if (isRefusal(opened)) return opened;
  if (isThenable(opened)) {
    ignoreRejection(opened);
    return invalid("its open() returned a promise, not a look-up: fix the store's code");
  }
  if (typeof opened === "function") return { look: opened as UntypedLook };
  const { look, read, close } = opened as UntypedOpened;
  if (typeof look !== "function") return invalid("its open() returned no look-up: fix the store's code");
  return { look: look.bind(opened), read: read?.bind(opened), close: close?.bind(opened) } as UntypedOpened;
}

function off(detail: string): OpenStore {
  return { state: "off", reading: { outcome: "off", detail } };
}

/** Returns the parts of a host that a store is opened with: the host's own, completed by what the store uses. */
export function partsFor(
  { uses }: Pick<StorePlan, "uses">,
  host: HostParts,
): Pick<Surroundings, "files" | "asyncFiles" | "fetch"> {
  const { files, asyncFiles = files, fetch } = host;
  const own = { files: files || undefined, asyncFiles: files === false ? undefined : asyncFiles, fetch };
  return Object.assign(own, ...uses.map((part) => part(host)));
}
