import { list } from "../core/chain/errors.ts";
import { ignoreRejection, isThenable } from "../core/chain/eventually.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import type { Access } from "../core/engine/access.ts";
import { present } from "../core/source/mapping.ts";
import type { LookUpContext } from "../core/source/reader.ts";
import type { Source, StorePlan } from "../core/source/source.ts";
import type { Finding } from "./finding.ts";

/**
 * Finds the variables that two stores of a credential have with different values, so that one value hides the other.
 */
export function lintValues({ plan, open }: Access): readonly Finding[] {
  const lookUps = new Map<StorePlan, (name: string) => unknown>();
  const valueOf = ({ store }: Source, name: string) => {
    const lookUp = lookUps.get(store) ?? lookUpIn(store, open);
    lookUps.set(store, lookUp);
    return lookUp(name);
  };
  return [...plan.credentials.values()].flatMap(({ key, sources }) => {
    const readable = sources.filter(({ store }) => isReadable(store, open));
    return readable.flatMap((lower, at) => {
      for (const higher of readable.slice(0, at)) {
        const names = [...new Set(lower.reader.reads)].filter((name) => higher.reader.reads.includes(name))
          .filter((name) => differs(valueOf(higher, name), valueOf(lower, name)));
        if (names.length > 0) return [findingOf(key, names, higher.store, lower.store)];
      }
      return [];
    });
  });
}

function findingOf(key: string, names: readonly string[], higher: StorePlan, lower: StorePlan): Finding {
  const isDotenv = [higher, lower].some(({ spec }) => spec.kind === "dotenv");
  const values = names.length > 1 ? "have different values" : "has a different value";
  return {
    rule: "conflicting_values",
    path: `credentials["${key}"].from.${lower.name}`,
    message: `${list(names)} ${values} in "${higher.name}", which is asked first: remove one of them` +
      (isDotenv ? "; Bun loads and expands .env by itself unless it is started with --no-env-file" : ""),
    key,
  };
}

type Open = Access["open"];

function isReadable(store: StorePlan, open: Open): boolean {
  return store.shape.name === "variables" && isLocal(store, open);
}

/** Whether a store is open and can be asked without a request or another credential. */
export function isLocal({ name, spec, store }: StorePlan, open: Open): boolean {
  return spec.local === true && store.needs.length === 0 && open(name).state === "on";
}

/** Returns the look-up of an open store, with one context for all names, so that a file is read once. */
export function lookUpIn({ name }: StorePlan, open: Open): (name: string) => unknown {
  const opened = open(name);
  if (opened.state !== "on") return () => undefined;
  const context: LookUpContext = { signal: new AbortController().signal };
  const known = new Map<string, unknown>();
  return (variable) => {
    if (!known.has(variable)) known.set(variable, valueFrom(() => opened.look(variable, context)));
    return known.get(variable);
  };
}

/** Returns the value of a synchronous look-up; `undefined` if it has none, or cannot give it. */
function valueFrom(look: () => unknown): unknown {
  try {
    const value = look();
    if (isThenable(value)) ignoreRejection(value);
    return isThenable(value) || isRefusal(value) || !present(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

function differs(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && one !== other;
}
