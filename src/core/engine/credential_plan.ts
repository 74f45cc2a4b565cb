import type { AnyChain } from "../chain/chain.ts";
import { isAddress } from "../chain/endpoint.ts";
import { list } from "../chain/errors.ts";
import type { Field, Fields } from "../chain/field.ts";
import { BUDGET_MS } from "../chain/limits.ts";
import { onlyMembers, shownName } from "../source/mapping.ts";
import type { Complain } from "../source/reader.ts";
import type { StorePlan } from "../source/source.ts";
import { checkValues } from "./check_options.ts";
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
  /** Indices of the alternatives: at least one of these fields must be present. */
  readonly anyOf: readonly number[];
  /** Indices of the settings and destinations. */
  readonly settings: readonly number[];
  /** Highest priority first. */
  readonly sources: readonly PlannedSource[];
  /** The keys of the credentials that its stores need. */
  readonly needs: readonly string[];
  /** The keys of the credentials that need this one. */
  readonly dependents: string[];
  /** How long a caller waits unless it says otherwise, in milliseconds. */
  budget: number;
}

/**
 * Compiles a credential.
 *
 * @param key Its key.
 * @param declaration Its declaration.
 * @param known The names of all stores that were declared.
 * @param stores The stores that were compiled, highest priority first.
 * @param complain Reports each mistake.
 */
export function compileCredential(
  key: string,
  declaration: AnyChain["credentials"][string],
  known: ReadonlySet<string>,
  stores: readonly StorePlan[],
  complain: Complain,
): CredentialPlan {
  const below: Complain = (at, ...rest) => complain(`credentials["${key}"]${at}`, ...rest);
  onlyMembers(declaration, ["fields", "anyOf", "from"], ".", below);
  const { fields: declaredFields, from: declaredFrom } = declaration;
  const anyOf = [declaration.anyOf ?? []].flat();
  const fields = Object.entries(Object(declaredFields) as Fields).map(([name, field]) => planField(name, field, below));
  const mappings = new Map(Object.entries(Object(declaredFrom) as typeof declaredFrom));
  const names = fields.map(({ name }) => name);
  const identity = indices(fields, (field) => field.identity);
  if (!/^[^:\n\r]+:.+$/.test(key)) below("", 'Expected a key such as "service:purpose"');
  if (identity.length === 0) below(".fields", "Expected at least one required or optional field");
  const checkStore = (name: string, at: string) => {
    if (known.has(name)) return;
    const shown = shownName(name);
    below(at, `Cannot find a store named "${shown}"`, [shown, [...known], "stores"]);
  };
  fields.forEach(({ name, from }) => [from].flat().forEach((store) => checkStore(store, `.fields.${name}.from`)));
  for (const name of anyOf) {
    if (fields[names.indexOf(name)]?.identity) continue;
    const shown = shownName(name);
    below(".anyOf", `"${shown}" is not a required or optional field`, [shown, identity.map((at) => names[at]!)]);
  }
  for (const store of mappings.keys()) checkStore(store, `.from.${store}`);
  if ([...mappings.values()].every((mapping) => mapping === undefined)) {
    below(".from", `Names no store: expected at least one of ${[...known].join(", ")}`);
  }
  const sources = fields.length > 0
    ? stores.filter(({ name }) => mappings.get(name) !== undefined)
      .map((store) => compileSource(store, mappings.get(store.name), { fields, names }, below))
    : [];
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
    dependents: [],
    budget: BUDGET_MS,
  };
}

function planField(name: string, declared: Field, complain: Complain): FieldPlan {
  const { presence, from = [], schema, default: fallback } = Object(declared) as Field;
  const identity = presence === "required" || presence === "optional";
  // Hint: where a field was forgotten a value may be here, and not even its length may be shown.
  if (identity || presence === "setting" || presence === "destination") {
    onlyMembers(declared, ["presence", "schema", "default", "from"], `.fields.${name}.`, complain);
  } else complain(`.fields.${name}`, "Expected a field, such as required() returns");
  if (presence === "destination" && fallback !== undefined && !isAddress(fallback)) {
    complain(`.fields.${name}.default`, "Expected a URL without user info");
  }
  return { name, presence, schema, default: fallback, from, identity };
}

function compileSource(
  store: StorePlan,
  mapping: unknown,
  { fields, names }: Pick<CredentialPlan, "fields" | "names">,
  complainOf: Complain,
): PlannedSource {
  const complain: Complain = (at, ...rest) => complainOf(`.from.${store.name}${at}`, ...rest);
  const { spec, readers } = store;
  const reader = store.shape.compile(mapping, { fields, names, spec, siblings: readers }, complain);
  readers.push(reader);
  // Hint: of the mappings, only a request has the names of options.
  if (spec.request && spec.checks) checkValues(Object(mapping), spec.checks, ".", complain);
  spec.checkMapping?.(reader, store.options, complain);
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
