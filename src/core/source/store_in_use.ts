import { combineRefusals, list } from "../chain/errors.ts";
import { ignoreRejection, isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient, HostParts } from "../chain/host.ts";
import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import type { Surroundings } from "../chain/store_spec.ts";
import type { Answer, Off } from "./answer.ts";
import type { UntypedLook } from "./reader.ts";
import { readOptions } from "./references.ts";
import type { Call, Deps, Previous, Source, StoreAnswers, StorePlan } from "./source.ts";
import { stepsToSwitchOn } from "./switch_on.ts";

/** An open store: its look-up, or why there is none. */
export type OpenStore =
  | {
    readonly state: "on";
    readonly look: UntypedLook;
    /** The options, with their references read. */
    readonly options: Readonly<Record<string, unknown>>;
    readonly surroundings: Surroundings;
  }
  | { readonly state: "off"; readonly reading: Off }
  | { readonly state: "invalid"; readonly reading: Refusal };

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
    this.answers ??= this.#plan.shape.use(this.#plan, open.look, this.#deps, open.options as StorePlan["options"]);
    return this.answers.answer(source, wanted, previous, call);
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
  const { variable, clock, random } = ambient;
  let look, surroundings;
  try {
    surroundings = { variable, clock, random, declared, ...partsFor(store, ambient) };
    look = spec.open(values, surroundings);
  } catch {
    look = invalid("its open() threw: fix the store's code");
  }
  if (isThenable(look)) {
    ignoreRejection(look);
    look = invalid("its open() returned a promise, and not a look-up: fix the store's code");
  }
  if (!look) return off("this runtime lacks what it needs");
  if (isRefusal(look)) return { state: "invalid", reading: look };
  return { state: "on", look: look as unknown as UntypedLook, options: values, surroundings: surroundings! };
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
