import type { AnyChain, DefaultPolicy } from "../chain/chain.ts";
import { ChainError, list, type Problem } from "../chain/errors.ts";
import type { Field, Presence, StandardSchema } from "../chain/field.ts";
import type { Step } from "../chain/outcome.ts";
import type { Stores } from "../chain/store.ts";
import { partsOf } from "../chain/store_kind.ts";
import type { Complain } from "../source/reader.ts";
import type { Shape, StorePlan } from "../source/source.ts";
import type { PlannedSource } from "./verdict.ts";

/** A field of a compiled credential. */
export interface FieldPlan {
  readonly name: string;
  readonly presence: Presence;
  /** Whether it is required or optional. */
  readonly identity: boolean;
  readonly schema?: StandardSchema | undefined;
  /** Its default in the chain. */
  readonly fallback: unknown;
  /** The stores that may supply a destination, besides the winner. */
  readonly from: readonly string[];
}

/** A compiled credential. */
export interface CredentialPlan {
  readonly key: string;
  readonly names: readonly string[];
  readonly fields: readonly FieldPlan[];
  /** Indices of the fields that are required or optional. */
  readonly identity: readonly number[];
  /** Indices of the fields that are required. */
  readonly required: readonly number[];
  /** Indices of the fields of which at least one must be present. */
  readonly anyOf: readonly number[];
  /** Indices of the settings and destinations. */
  readonly settings: readonly number[];
  /** Highest priority first. */
  readonly sources: readonly PlannedSource[];
  /** The keys of the credentials that its stores need. */
  readonly needs: readonly string[];
}

/** A compiled chain. */
export interface Plan {
  /** Highest priority first. */
  readonly stores: readonly StorePlan[];
  readonly credentials: ReadonlyMap<string, CredentialPlan>;
  readonly defaults: DefaultPolicy;
}

/**
 * Compiles a chain.
 *
 * @param chain The declaration.
 * @returns The plan.
 * @throws {ChainError} Lists every mistake, each with its path and what was expected.
 */
export function compile(chain: AnyChain): Plan {
  const problems: Problem[] = [];
  const complain = (path: string, message: string) => void problems.push({ path, message });
  const stores = compileStores(chain.stores, complain);
  const credentials = new Map<string, CredentialPlan>();
  for (const key of Object.keys(chain.credentials)) {
    credentials.set(key, compileCredential(key, chain, stores, complain));
  }
  for (const store of stores) checkNeeds(store, credentials, complain);
  if (problems.length === 0) reportCycles(credentials, complain);
  if (problems.length > 0) throw new ChainError(problems);
  return { stores, credentials, defaults: chain.defaults ?? "allow" };
}

function compileStores(stores: Stores, complain: Complain): readonly StorePlan[] {
  const plans: StorePlan[] = [];
  const byPriority = new Map<number, string>();
  for (const [name, store] of Object.entries(stores)) {
    const path = `stores.${name}`;
    const parts = partsOf(store);
    if (!parts) {
      complain(path, "Expected a store, such as env() or file() returns");
      continue;
    }
    if (name === "default") {
      complain(path, 'The name "default" is reserved: choose another name');
    }
    const { priority } = store;
    if (!Number.isFinite(priority)) complain(`${path}.priority`, "Expected a finite number");
    const other = byPriority.get(priority);
    if (other) {
      complain(
        `${path}.priority`,
        `Stores "${other}" and "${name}" both have ${priority}: expected different priorities`,
      );
    }
    byPriority.set(priority, name);
    plans.push({ name, store, shape: store.shape as Shape, ...parts });
  }
  return plans.sort((a, b) => b.store.priority - a.store.priority);
}

function compileCredential(
  key: string,
  { credentials, stores: declared }: AnyChain,
  stores: readonly StorePlan[],
  complain: Complain,
): CredentialPlan {
  const path = `credentials["${key}"]`;
  const { fields: declaredFields, anyOf = [], from } = credentials[key]!;
  const fields = Object.entries(declaredFields).map(([name, field]) => planField(name, field));
  const names = fields.map(({ name }) => name);
  const identity = fields.filter((field) => field.identity);
  if (!/^[^:]+:.+$/.test(key)) complain(path, 'Expected a key such as "service:purpose"');
  if (identity.length === 0) complain(`${path}.fields`, "Expected at least one required or optional field");
  const known = Object.keys(declared);
  const checkStore = (name: string, at: string) => {
    if (!known.includes(name)) complain(at, `Cannot find a store named "${name}": the stores are ${known.join(", ")}`);
  };
  for (const { name, from } of fields) {
    for (const store of from) checkStore(store, `${path}.fields.${name}.from`);
  }
  for (const name of anyOf) {
    if (!identity.some((field) => field.name === name)) {
      complain(`${path}.anyOf`, `"${name}" is not a required or optional field`);
    }
  }
  for (const store of Object.keys(from)) checkStore(store, `${path}.from.${store}`);
  const sources = stores.filter(({ name }) => Object.hasOwn(from, name) && from[name] !== undefined).map((store) =>
    compileSource(store, from[store.name], fields, `${path}.from.${store.name}`, complain)
  );
  return {
    key,
    names,
    fields,
    identity: indices(fields, ({ identity }) => identity),
    required: indices(fields, ({ presence }) => presence === "required"),
    anyOf: anyOf.map((name) => names.indexOf(name)),
    settings: indices(fields, (field) => !field.identity),
    sources,
    needs: sources.flatMap(({ store }) => store.store.needs),
  };
}

function planField(name: string, { presence, schema, default: fallback, from = [] }: Field): FieldPlan {
  return { name, presence, identity: presence === "required" || presence === "optional", schema, fallback, from };
}

function compileSource(
  store: StorePlan,
  mapping: unknown,
  fields: readonly FieldPlan[],
  path: string,
  complain: Complain,
): PlannedSource {
  const variable = store.spec.variable ?? ((prefix: string, field: string) => prefix + field);
  const below: Complain = (at, message) => complain(path + at, message);
  const reader = store.shape.compile(mapping, { fields, variable }, below);
  const mapsIdentity = fields.some(({ identity }, at) => identity && reader.maps[at]);
  const lacking = fields.filter(({ presence }, at) => presence === "required" && !reader.maps[at]);
  if (mapsIdentity && lacking.length > 0) {
    const names = list(lacking.map(({ name }) => name));
    below("", `Maps only part of the identity: expected ${names} too`);
  }
  const missStep: Step = Object.freeze({ store: store.name, outcome: "miss", role: "passed" });
  const hitStep: Step = Object.freeze({ store: store.name, outcome: "hit", role: "winner" });
  return {
    store,
    reader,
    fields,
    mapped: indices(fields, (_, at) => reader.maps[at]!),
    mapsIdentity,
    missStep,
    hitStep,
  };
}

function indices<T>(all: readonly T[], holds: (item: T, at: number) => boolean): readonly number[] {
  return all.map((_, at) => at).filter((at) => holds(all[at]!, at));
}

function checkNeeds({ name, spec, options }: StorePlan, credentials: Plan["credentials"], complain: Complain): void {
  for (const need of spec.needs ?? []) {
    const path = `stores.${name}.${need}`;
    const key = String(options[need]);
    const plan = credentials.get(key);
    if (!plan) {
      complain(path, `Cannot find a credential "${key}": the credentials are ${[...credentials.keys()].join(", ")}`);
      continue;
    }
    const lacking = (spec.requires?.[need] ?? []).filter((field) => !plan.names.includes(field));
    if (lacking.length > 0) {
      complain(path, `The credential "${key}" has no field ${list(lacking)}, which this store needs`);
    }
  }
}

function reportCycles(credentials: Plan["credentials"], complain: Complain): void {
  const done = new Set<string>();
  const visit = (key: string, path: readonly string[]): void => {
    if (path.includes(key)) {
      const cycle = [...path.slice(path.indexOf(key)), key];
      if (!done.has(key)) complain(`credentials["${key}"]`, `Needs itself: ${cycle.join(" → ")}`);
      done.add(key);
    }
    if (done.has(key)) return;
    for (const need of credentials.get(key)!.needs) visit(need, [...path, key]);
    done.add(key);
  };
  for (const key of credentials.keys()) visit(key, []);
}
