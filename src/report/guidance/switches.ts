import { isRefusal } from "../../core/chain/outcome.ts";
import { list } from "../../core/chain/errors.ts";
import { type ReadVariable, REFERENCE } from "../../core/chain/reference.ts";
import type { ChainDescription } from "../../core/engine/describe.ts";
import type { Plan } from "../../core/engine/plan.ts";
import { readOptions } from "../../core/source/references.ts";
import { stepsToSwitchOn, type SwitchStep } from "../../core/source/switch_on.ts";
import { byStore } from "./directories.ts";

/** What is missing before a store that is off can be asked. */
interface Switch {
  readonly steps: readonly SwitchStep[];
  /** The keys of the credentials that it needs and no store has given. */
  readonly needs: readonly string[];
}

/** What switches the stores on that are off, by store; a store that this runtime cannot have is left out. */
export type Switches = Readonly<Record<string, Switch>>;

/**
 * Lists what is still missing to switch on the stores of a chain that are off.
 *
 * @param plan The compiled chain.
 * @param description Its description, after its local stores were asked.
 * @param read Reads a variable.
 * @returns What is missing, by store.
 */
export function switchesOf(
  { stores }: Plan,
  { stores: described, credentials }: ChainDescription,
  read: ReadVariable,
): Switches {
  const isHeld = (key: string) => credentials.some((credential) => credential.key === key && credential.held);
  return byStore(
    stores.filter(({ name }) => described.some((store) => store.name === name && store.state === "off")).flatMap(
      (plan) => {
        const steps = stepsToSwitchOn(plan, read);
        if (isRefusal(steps) || steps.size === 0) return [];
        return [[plan.name, { steps: [...steps.values()], needs: plan.store.needs.filter((key) => !isHeld(key)) }]];
      },
    ),
  );
}

/**
 * The variables without which the stores that are on cannot be opened, by store; one variable of each entry must be
 * set.
 */
export type LackingVariables = Readonly<Record<string, readonly (readonly string[])[]>>;

/** Lists the variables without which the stores of a chain that are on cannot be opened. */
export function lackingOf({ stores }: Plan, read: ReadVariable): LackingVariables {
  return byStore(stores.flatMap((plan) => {
    const steps = stepsToSwitchOn(plan, read);
    if (isRefusal(steps) || steps.size > 0) return [];
    return [[plan.name, [...readOptions(plan, read).lacking.values()]]];
  }));
}

/** Says what to set in a step, such as `M2M_ENABLED=true`. */
export function settingText({ variables, flag, unreadable }: SwitchStep): string {
  if (flag === false) return "enabled: true in the chain";
  const names = list(variables, "or");
  if (unreadable) return `make ${names} readable`;
  return Object(flag)[REFERENCE] === "flag" ? `${names}=true` : names;
}
