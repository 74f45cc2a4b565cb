import type { AnyChain } from "../chain/chain.ts";
import type { MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import type { Refusal, Step } from "../chain/outcome.ts";
import type { Answer } from "../source/answer.ts";
import type { OpenStore } from "../source/store_in_use.ts";
import { isFailed } from "./hold.ts";
import { INTERNALS, internals } from "./internals.ts";
import type { Plan } from "./plan.ts";
import type { PlannedSource } from "./verdict.ts";

/** What reports, bootstrap and the route may do with a resolver, in addition to what its callers may. */
export interface Access {
  readonly chain: AnyChain;
  readonly plan: Plan;
  readonly ambient: Ambient;
  /** Returns an opened store, or why it is not open. */
  open(store: string): OpenStore;
  /** Asks one source, as a resolve would. Never rejects. */
  ask(source: PlannedSource, wanted?: readonly number[]): MaybePromise<Answer>;
  /** Asks the engine by which a store shares its tokens, once; returns why it cannot be used. Never rejects. */
  askEngine(store: string): MaybePromise<Refusal | undefined>;
  /** Whether the resolver keeps this credential: not once it is disposed of. */
  keeps(key: string): boolean;
  /** Returns the source of the held credential, while it can be given without asking a store. */
  freshSource(key: string): string | undefined;
  /** Makes the next call resolve these credentials again. */
  renew(keys: Iterable<string>): void;
  /**
   * Resolves a credential, and those of the others that were resolved before, so that listeners are notified. Never
   * rejects.
   *
   * @returns The store that answers for the credential, or that stops its walk.
   */
  answering(key: string, others?: Iterable<string>): Promise<string | undefined>;
  /** Records what stores answered as the last walk of a credential that has had none. */
  record(key: string, trace: readonly Step[]): void;
}

/** Whether a value is a resolver, not a chain. */
export function isResolver(value: object): boolean {
  return INTERNALS in value;
}

/** Returns the access to a resolver. */
export function access(resolver: object): Access {
  const { plan, deps, hold, run } = internals(resolver);
  const { ambient, store } = deps;
  return {
    chain: plan.chain,
    plan,
    ambient,
    open: (name) => store(name).open,
    ask: (source, wanted = source.mapped) =>
      run((call) => store(source.store.name).answer(source, wanted, undefined, call)),
    askEngine: (name) => {
      const inUse = store(name);
      const { open } = inUse;
      if (open.state !== "on") return;
      const storePlan = plan.stores.find((each) => each.name === name)!;
      // Hint: the store may not have been asked yet, if stores before it have every credential.
      inUse.answers ??= storePlan.shape.use(storePlan, open, deps);
      return run((call) => inUse.answers!.sharing?.ask(call));
    },
    keeps: (key) => hold(key) !== undefined,
    freshSource: (key) => hold(key)?.fresh ? hold(key)!.credential!.source : undefined,
    renew: (keys) => {
      for (const key of keys) hold(key)?.renew();
    },
    answering: async (key, others = []) => {
      const own = hold(key);
      if (!own) return;
      // Hint: a credential that was never resolved has no value that could have changed.
      const known = [...others].map(hold).filter((other) => other !== own && other?.last);
      const [result] = await Promise.all([own, ...known].map((each) => run((call) => each!.get(call))));
      return isFailed(result!) ? result.by?.source.store.name : result!.source;
    },
    record: (key, trace) => {
      const own = hold(key);
      if (own) own.last ??= { at: ambient.clock.now(), trace };
    },
  };
}
