import type { Need } from "../../core/source/answer.ts";
import { COMMON_ISSUED_OPTIONS } from "../../core/chain/option_types.ts";
import { canonical, isData, sameData } from "../../core/source/data.ts";
import { ownMember } from "../../core/source/mapping.ts";
import { originOf } from "./origin.ts";
import type { Deps, StorePlan } from "../../core/source/source.ts";

/** A credential, as far as naming needs it. */
interface Named {
  readonly source: string;
  readonly fields: readonly string[];
  get(name: string): unknown;
  sourceOf(name: string): string | undefined;
}

/** What a token is requested with. */
export interface Login {
  readonly store: StorePlan;
  /** The options of the store, with their references read. */
  readonly options: StorePlan["options"];
  readonly request: unknown;
  readonly principal: unknown;
  /** What the store needs, by the name of its option. */
  readonly needs: ReadonlyMap<string, Need>;
}

/** Returns all that identifies a token, as text; `undefined` if that is not plain data. */
export function identityOf({ store, options, request, principal, needs }: Login, deps: Deps): string | undefined {
  const login = loginOf(store, options, request, needs, deps);
  const identity = login && { ...login, principal };
  return isData(identity) && identity ? canonical(identity) : undefined;
}

/** Returns how a token is obtained; `undefined` if that cannot be told. */
function loginOf(
  { spec }: StorePlan,
  options: StorePlan["options"],
  request: unknown,
  needs: ReadonlyMap<string, Need>,
  deps: Deps,
): object | undefined {
  const own = Object.entries(ownOptions(options)).filter(([name]) => !needs.has(name));
  const named = [...needs].map(([name, need]) => [name, partOf(need, deps)]);
  if (named.some(([, part]) => part === undefined)) return undefined;
  return {
    kind: spec.kind,
    version: spec.share,
    options: Object.fromEntries(own),
    request,
    needs: Object.fromEntries(named),
  };
}

/** Returns what a needed credential adds to the identity: its values, or, if these change, how it is obtained. */
function partOf(need: Need, deps: Deps): object | undefined {
  const origin = originOf(need, deps);
  if (!origin) return undefined;
  const { store, options, mapping } = origin;
  const credential = need.credential as unknown as Named;
  if (isConstant(store)) return { values: valuesOf(credential, credential.fields) };
  const { generation } = need;
  // Hint: a login that was replaced while it was being obtained is not held, so nobody knows what it was obtained with.
  if (store.shape.issued && !generation) return undefined;
  const needs = new Map<string, Need>();
  for (const name of store.needs) {
    const own = generation?.obtainedWith.find(({ key }) => key === options[name]);
    if (own) needs.set(name, own);
  }
  const { with: given = {}, ...mapped } = Object(mapping);
  // Hint: variables may have changed since the login was obtained, so what was read then is used.
  const asked = generation ? { request: generation.request, fields: mapped.fields } : mapped;
  const login = loginOf(store, options as StorePlan["options"], asked, needs, deps);
  const isAsGiven = (name: string) =>
    !generation || sameData(credential.get(name), ownMember(generation.values, mapped.fields?.[name] ?? name));
  // Hint: what another store gives, or what a schema changes, counts by its value.
  const others = credential.fields.filter((name) =>
    Object.hasOwn(given, name) || credential.sourceOf(name) !== credential.source || !isAsGiven(name)
  );
  return login && { ...login, values: valuesOf(credential, others) };
}

/** Whether a needed credential adds its values to the identity; otherwise another login may give the same name. */
export function isNamedByValue(need: Need, deps: Deps): boolean {
  const origin = originOf(need, deps);
  return !!origin && isConstant(origin.store);
}

/** Whether what a store gives is the same on every machine until somebody changes it. */
function isConstant({ shape, spec }: StorePlan): boolean {
  return !shape.issued && !spec.ambient;
}

function valuesOf(credential: Named, fields: readonly string[]): object {
  return Object.fromEntries(fields.map((name) => [name, credential.get(name)]));
}

/** Returns the options of a store that identify its tokens. */
export function ownOptions(options: StorePlan["options"]): Readonly<Record<string, unknown>> {
  const common: readonly string[] = [...COMMON_ISSUED_OPTIONS, "share"];
  return Object.fromEntries(Object.entries(options).filter(([name]) => !common.includes(name)));
}
