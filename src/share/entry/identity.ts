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

/** What a token is asked for with. */
export interface Login {
  readonly store: StorePlan;
  /** The options of the store, with their references read. */
  readonly options: StorePlan["options"];
  readonly request: unknown;
  readonly principal: unknown;
  /** What the store needs, by the name of its option. */
  readonly needs: ReadonlyMap<string, Need>;
}

/** Returns all that makes a token what it is, as text; nothing where that cannot be told by data. */
export function identityOf({ store, options, request, principal, needs }: Login, deps: Deps): string | undefined {
  const login = loginOf(store, options, request, needs, deps);
  const identity = login && { ...login, principal };
  return isData(identity) && identity ? canonical(identity) : undefined;
}

/** Returns how a token is obtained; nothing where that cannot be told. */
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

/** Returns what a needed credential adds to the identity: its values, or how it is obtained where these change. */
function partOf(need: Need, deps: Deps): object | undefined {
  const origin = originOf(need, deps);
  if (!origin) return undefined;
  const { store, options, mapping } = origin;
  const credential = need.credential as unknown as Named;
  if (isConstant(store)) return { values: valuesOf(credential, credential.fields) };
  const { generation } = need;
  // Hint: a login that was replaced while it was obtained is not held, so that nobody knows what it was obtained with.
  if (store.shape.issued && !generation) return undefined;
  const needs = new Map<string, Need>();
  for (const name of store.needs) {
    const own = generation?.obtainedWith.find(({ key }) => key === options[name]);
    if (own) needs.set(name, own);
  }
  const { with: given = {}, ...mapped } = Object(mapping);
  // Hint: variables may have been set since the login was obtained, so that what was read of them then is taken.
  const asked = generation ? { request: generation.request, fields: mapped.fields } : mapped;
  const login = loginOf(store, options as StorePlan["options"], asked, needs, deps);
  const isAsGiven = (name: string) =>
    !generation || sameData(credential.get(name), ownMember(generation.values, mapped.fields?.[name] ?? name));
  // Hint: what another store gives, or a schema makes of it, is a value like any other.
  const others = credential.fields.filter((name) =>
    Object.hasOwn(given, name) || credential.sourceOf(name) !== credential.source || !isAsGiven(name)
  );
  return login && { ...login, values: valuesOf(credential, others) };
}

/** Whether a needed credential adds its values to the identity; another one has the same name else. */
export function isNamedByValue(need: Need, deps: Deps): boolean {
  const origin = originOf(need, deps);
  return !!origin && isConstant(origin.store);
}

/** Whether what a store gives is the same until somebody changes it, on every machine. */
function isConstant({ shape, spec }: StorePlan): boolean {
  return !shape.issued && !spec.ambient;
}

function valuesOf(credential: Named, fields: readonly string[]): object {
  return Object.fromEntries(fields.map((name) => [name, credential.get(name)]));
}

/** Returns the options of a store that make its tokens what they are. */
export function ownOptions(options: StorePlan["options"]): Readonly<Record<string, unknown>> {
  const common: readonly string[] = [...COMMON_ISSUED_OPTIONS, "share"];
  return Object.fromEntries(Object.entries(options).filter(([name]) => !common.includes(name)));
}
