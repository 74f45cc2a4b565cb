import { access } from "../../core/engine/access.ts";
import type { ChainDescription } from "../../core/engine/describe.ts";
import type { Plan } from "../../core/engine/plan.ts";
import { isSet } from "../../core/source/mapping.ts";
import { permissionsOf } from "../store_options.ts";
import { byStore, type Directories, directoriesOf } from "./directories.ts";
import { lackingOf, type LackingVariables, type Switches, switchesOf } from "./switches.ts";

/** What guidance needs besides a description; little is known about a chain in another process. */
export interface Hints {
  /** The time of the description, in milliseconds since 1970. */
  readonly now: number;
  /** The directories in which stores keep their documents, by store. */
  readonly directories: Directories;
  /** What switches the stores on that are off, by store. */
  readonly switches: Switches;
  /** The variables without which the stores that are on cannot be opened, by store. */
  readonly lacking: LackingVariables;
  /** The compiled chain. */
  readonly plan?: Plan;
  /** Whether an environment variable is set and not blank. */
  isSet?(variable: string): boolean;
}

/** Returns the hints about a chain in another process, whose clock is assumed to agree with this one's. */
export function remoteHints(): Hints {
  return { now: Date.now(), directories: byStore([]), switches: byStore([]), lacking: byStore([]) };
}

/** Returns the hints for a resolver and its description after its local stores were asked. */
export function hintsOf(resolver: object, description: ChainDescription): Hints {
  const { chain, plan, ambient: { clock, variable: read } } = access(resolver);
  return {
    now: clock.now(),
    directories: directoriesOf(chain, description),
    switches: switchesOf(plan, description, read),
    lacking: lackingOf(plan, read),
    plan,
    isSet: (variable) => isSet(variable, read),
  };
}

/** Whether a store runs a program, as far as known. */
export function runsProgram(store: string, { plan }: Pick<Hints, "plan">): boolean {
  const known = plan?.stores.find(({ name }) => name === store);
  return known !== undefined && (permissionsOf(known, [], ({ fallback }) => fallback).run ?? []).length > 0;
}
