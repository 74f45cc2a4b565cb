import type { AnyChain } from "../core/chain/chain.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import { partsOf } from "../core/chain/store_kind.ts";
import { ambient } from "../core/runtime/ambient.ts";
import { stepsToSwitchOn } from "../core/source/references.ts";
import { byStore } from "./directories.ts";
import type { ChainDescription } from "../core/engine/describe.ts";

/** What is missing before a store that is off can be asked. */
export interface Switch {
  /** What to set, such as `M2M_ENABLED=true`. */
  readonly steps: readonly string[];
  /** The keys of the credentials that it needs, and that no store has given. */
  readonly needs: readonly string[];
}

/** What switches the stores on that are off, by store; a store that this runtime cannot have is left out. */
export type Switches = Readonly<Record<string, Switch>>;

/**
 * Lists what is still missing to switch on the stores of a chain that are off.
 *
 * @param chain The chain.
 * @param description Its description, after its local stores were asked.
 * @returns What is missing, by store.
 */
export function switchesOf({ stores }: AnyChain, { stores: described, credentials }: ChainDescription): Switches {
  const isHeld = (key: string) => credentials.some((credential) => credential.key === key && credential.held);
  const { variable } = ambient();
  return byStore(
    described.filter(({ state }) => state === "off").flatMap(({ name }) => {
      const parts = partsOf(stores[name]);
      const steps = parts ? stepsToSwitchOn(parts, variable) : [];
      if (isRefusal(steps) || steps.length === 0) return [];
      return [[name, { steps: steps.map(asSetting), needs: stores[name]!.needs.filter((key) => !isHeld(key)) }]];
    }),
  );
}

function asSetting(step: string): string {
  return step.replace("set enabled to true", "enabled: true in the chain").replace(/^set (\S+) to true$/, "$1=true")
    .replace(/^set /, "");
}
