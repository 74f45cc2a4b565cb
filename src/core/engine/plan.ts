import type { AnyChain } from "../chain/chain.ts";
import { isAddress } from "../chain/endpoint.ts";
import { list } from "../chain/errors.ts";
import type { Field, Fields } from "../chain/field.ts";
import { isFlag } from "../chain/reference.ts";
import type { Stores } from "../chain/store.ts";
import { partsOf } from "../chain/store_kind.ts";
import { onlyMembers, ownMember } from "../source/mapping.ts";
import type { Complain } from "../source/reader.ts";
import type { Shape, StorePlan } from "../source/source.ts";
import { checkOptions, reporting } from "./mistakes.ts";
import type { PlannedSource } from "./verdict.ts";

/** A field of a compiled credential, as it was declared. */
export interface FieldPlan extends Omit<Field, "schema"> {
  readonly name: string;
  readonly schema: Field["schema"] | undefined;
  /** Whether it is required or optional. */
  readonly identity: boolean;
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
  readonly chain: AnyChain;
  /** Highest priority first. */
  readonly stores: readonly StorePlan[];
  readonly credentials: ReadonlyMap<string, CredentialPlan>;
  /** The keys of the credentials that need another one, by its key. */
  readonly dependents: ReadonlyMap<string, readonly string[]>;
}

/**
 * Compiles a chain.
 *
 * @param chain The declaration.
 * @returns The plan.
 * @throws {ChainError} Lists every mistake, each with its path and what was expected.
 */
export function compile(chain: AnyChain): Plan {
  const plan = reporting((complain) => compileParts(chain, complain));
  reporting((complain) => reportCycles(plan.credentials, complain));
  return plan;
}

function compileParts(chain: AnyChain, complain: Complain): Plan {
  const { stores: declared, credentials: declarations, defaults = "allow" } = chain;
  onlyMembers(chain, ["stores", "credentials", "defaults"], "", complain);
  if (defaults !== "allow" && defaults !== "forbid" && !isFlag(Object(defaults).forbidWhen)) {
    complain("defaults", 'Expected "allow", "forbid", or a flag in forbidWhen');
  }
  const stores = compileStores(Object(declared), complain);
  const known = new Set(Object.keys(Object(declared)));
  const credentials = new Map(
    Object.entries(Object(declarations) as AnyChain["credentials"]).map(([key, declaration]) => [
      key,
      compileCredential(key, Object(declaration), known, stores, complain),
    ]),
  );
  for (const store of stores) checkNeeds(store, credentials, complain);
  return { chain, stores, credentials, dependents: dependentsOf(credentials) };
}

function dependentsOf(credentials: Plan["credentials"]): Plan["dependents"] {
  const dependents = new Map<string, string[]>();
  for (const { key, needs } of credentials.values()) {
    for (const need of needs) {
      const known = dependents.get(need);
      if (known) known.push(key);
      else dependents.set(need, [key]);
    }
  }
  return dependents;
}

function compileStores(stores: Stores, complain: Complain): readonly StorePlan[] {
  const plans: StorePlan[] = [];
  const byPriority = new Map<number, StorePlan>();
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
    const { spec, options, uses } = parts;
    const plan: StorePlan = { name, store, shape: store.shape as Shape, readers: [], spec, options, uses };
    checkOptions(plan, complain);
    const { priority } = store;
    const other = byPriority.get(priority);
    // Hint: in a map, `NaN` equals itself.
    if (other && other.store.priority === priority) {
      complain(
        `${path}.priority`,
        `Stores "${other.name}" and "${name}" both have ${priority}: expected different priorities`,
      );
    }
    byPriority.set(priority, plan);
    plans.push(plan);
  }
  return plans.sort((a, b) => b.store.priority - a.store.priority);
}

function compileCredential(
  key: string,
  declaration: AnyChain["credentials"][string],
  known: ReadonlySet<string>,
  stores: readonly StorePlan[],
  complain: Complain,
): CredentialPlan {
  const below: Complain = (at, ...rest) => complain(`credentials["${key}"]${at}`, ...rest);
  onlyMembers(declaration, ["fields", "anyOf", "from"], ".", below);
  const { fields: declaredFields, anyOf = [], from: declaredFrom } = declaration;
  const fields = Object.entries(Object(declaredFields) as Fields).map(([name, field]) => planField(name, field, below));
  const from = Object(declaredFrom) as typeof declaredFrom;
  const names = fields.map(({ name }) => name);
  const identity = indices(fields, (field) => field.identity);
  if (!/^[^:]+:.+$/.test(key)) below("", 'Expected a key such as "service:purpose"');
  if (identity.length === 0) below(".fields", "Expected at least one required or optional field");
  const checkStore = (name: string, at: string) => {
    if (!known.has(name)) below(at, `Cannot find a store named "${name}"`, [name, [...known], "stores"]);
  };
  for (const { name, from } of fields) {
    for (const store of from) checkStore(store, `.fields.${name}.from`);
  }
  for (const name of anyOf) {
    if (fields[names.indexOf(name)]?.identity) continue;
    below(".anyOf", `"${name}" is not a required or optional field`, [name, identity.map((at) => names[at]!)]);
  }
  for (const store of Object.keys(from)) checkStore(store, `.from.${store}`);
  if (Object.values(from).every((mapping) => mapping === undefined)) {
    below(".from", `Names no store: expected at least one of ${[...known].join(", ")}`);
  }
  const sources = stores.filter(({ name }) => fields.length > 0 && ownMember(from, name) !== undefined).map((store) =>
    compileSource(store, from[store.name], { fields, names }, below)
  );
  return {
    key,
    names,
    fields,
    identity,
    required: indices(fields, ({ presence }) => presence === "required"),
    anyOf: anyOf.map((name) => names.indexOf(name)),
    settings: indices(fields, (field) => !field.identity),
    sources,
    needs: sources.flatMap(({ store }) => store.store.needs),
  };
}

function planField(name: string, declared: Field, complain: Complain): FieldPlan {
  const field = Object(declared) as Field;
  const { presence, from = [], schema, default: fallback } = field;
  // Hint: where a field was forgotten a value may be here, and not even its length may be shown.
  if (presence) onlyMembers(field, ["presence", "schema", "default", "from"], `.fields.${name}.`, complain);
  if (presence === "destination" && fallback !== undefined && !isAddress(fallback)) {
    complain(`.fields.${name}.default`, "Expected a URL without user info");
  }
  const identity = presence === "required" || presence === "optional";
  return { name, presence, schema, default: fallback, from, identity };
}

function compileSource(
  store: StorePlan,
  mapping: unknown,
  { fields, names }: Pick<CredentialPlan, "fields" | "names">,
  complainOf: Complain,
): PlannedSource {
  const complain: Complain = (at, ...rest) => complainOf(`.from.${store.name}${at}`, ...rest);
  const { variable = (prefix: string, field: string) => prefix + field, request } = store.spec;
  const target = { fields, names, variable, siblings: store.readers, request };
  const reader = store.shape.compile(mapping, target, complain);
  store.readers.push(reader);
  const mapsIdentity = fields.some(({ identity }, at) => identity && reader.maps[at]);
  const lacking = names.filter((_, at) => fields[at]!.presence === "required" && !reader.maps[at]);
  if (lacking.length > 0 && mapsIdentity) {
    complain("", `Maps only part of the identity: expected ${list(lacking)} too`);
  }
  return {
    store,
    reader,
    fields,
    mapped: indices(fields, (_, at) => reader.maps[at]!),
    mapsIdentity,
    steps: {},
  };
}

function indices<T>(all: readonly T[], holds: (item: T, at: number) => boolean): readonly number[] {
  const found: number[] = [];
  all.forEach((item, at) => {
    if (holds(item, at)) found.push(at);
  });
  return found;
}

function checkNeeds({ name, spec, options }: StorePlan, credentials: Plan["credentials"], complain: Complain): void {
  for (const need of spec.needs ?? []) {
    const path = `stores.${name}.${need}`;
    const key = options[need] as string;
    const plan = credentials.get(key);
    if (!plan) {
      complain(path, `Cannot find a credential "${key}"`, [key, [...credentials.keys()], "credentials"]);
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
    if (done.has(key)) return;
    const at = path.indexOf(key);
    if (at < 0) credentials.get(key)!.needs.forEach((need) => visit(need, [...path, key]));
    else complain(`credentials["${key}"]`, `Needs itself: ${[...path.slice(at), key].join(" → ")}`);
    done.add(key);
  };
  for (const key of credentials.keys()) visit(key, []);
}
