import { access } from "../core/engine/access.ts";
import type { ChainDescription } from "../core/engine/describe.ts";
import type { Plan } from "../core/engine/plan.ts";
import { isSet } from "../core/source/mapping.ts";
import { byStore, type Directories, directoriesOf } from "./directories.ts";
import { type Switches, switchesOf } from "./switches.ts";
import { type UnmetNeeds, unmetNeeds } from "./unmet_needs.ts";

/** What hints refer to, beside a description; of a chain in another process nothing is known. */
export interface Hints {
  /** The directories in which stores keep their documents, by store. */
  readonly directories: Directories;
  /** What switches the stores on that are off, by store. */
  readonly switches: Switches;
  /** What the stores that are on and not configured lack besides, by store. */
  readonly unmet: UnmetNeeds;
  /** The compiled chain. */
  readonly plan?: Plan;
  /** Whether an environment variable is set and not blank. */
  isSet?(variable: string): boolean;
}

/** The hints about a chain in another process. */
export const NO_HINTS: Hints = { directories: byStore([]), switches: byStore([]), unmet: byStore([]) };

/** Returns what hints refer to, by a resolver and its description after its local stores were asked. */
export function hintsOf(resolver: object, description: ChainDescription): Hints {
  const { chain, plan, ambient } = access(resolver);
  const directories = directoriesOf(chain, description);
  return {
    directories,
    switches: switchesOf(chain, description),
    unmet: unmetNeeds(chain, description, directories),
    plan,
    isSet: (variable) => isSet(variable, ambient.variable),
  };
}
