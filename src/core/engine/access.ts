import type { AnyChain } from "../chain/chain.ts";
import type { MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import type { Step } from "../chain/outcome.ts";
import type { Answer } from "../source/answer.ts";
import type { OpenStore } from "../source/open_store.ts";
import { isFailed } from "./hold.ts";
import { INTERNALS, internals } from "./internals.ts";
import type { Plan } from "./plan.ts";
import type { PlannedSource } from "./verdict.ts";

/** What reports, bootstrap, clients and the route may do with a resolver besides what its callers may. */
export interface Access {
  readonly chain: AnyChain;
  readonly plan: Plan;
  readonly ambient: Ambient;
  /** Returns an opened store, or why it is not open. */
  open(store: string): OpenStore;
  /** Asks one source, as a resolve would. Never rejects. */
  ask(source: PlannedSource, wanted?: readonly number[]): MaybePromise<Answer>;
  /** Returns the source of the held credential, while it can be given without asking a store. */
  freshSource(key: string): string | undefined;
  /** Returns the store that answers for a credential, or that stops its walk. Never rejects. */
  answering(key: string): Promise<string | undefined>;
  /** Makes credentials be resolved again: at once if they were before, so that listeners are notified. */
  renew(keys: Iterable<string>): Promise<void>;
  /** Records what stores answered as the last walk of a credential that had none. */
  record(key: string, trace: readonly Step[]): void;
}

/** Whether a value is a resolver, not a chain. */
export function isResolver(value: object): boolean {
  return INTERNALS in value;
}

/** Returns the access to a resolver. */
export function access(resolver: object): Access {
  const { chain, plan, deps, store, hold } = internals(resolver);
  const { ambient } = deps;
  return {
    chain,
    plan,
    ambient,
    open: (name) => store(name).open,
    ask: (source, wanted = source.mapped) => store(source.store.name).answer(source, wanted, undefined, {}),
    freshSource: (key) => hold(key).fresh ? hold(key).credential!.source : undefined,
    answering: async (key) => {
      const result = await hold(key).get({});
      return isFailed(result) ? result.by?.source.store.name : result.source;
    },
    renew: async (keys) => {
      const renewed = [...keys].map(hold);
      for (const each of renewed) each.renew();
      // Hint: a credential that was never resolved has no value that could have changed.
      await Promise.all(renewed.filter(({ last }) => last !== undefined).map((each) => each.get({})));
    },
    record: (key, trace) => {
      hold(key).last ??= { at: ambient.clock.now(), trace };
    },
  };
}
