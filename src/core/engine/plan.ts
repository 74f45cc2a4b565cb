import type { AnyChain } from "../chain/chain.ts";
import { ChainError, list, type Problem } from "../chain/errors.ts";
import { TIMEOUT_MS } from "../chain/limits.ts";
import { isFlag } from "../chain/reference.ts";
import type { Stores } from "../chain/store.ts";
import { partsOf } from "../chain/store_kind.ts";
import { correction } from "../chain/unknown_name.ts";
import { onlyMembers, shownName } from "../source/mapping.ts";
import type { Complain } from "../source/reader.ts";
import { shareOf } from "../source/sharing.ts";
import type { Shape, StorePlan } from "../source/source.ts";
import { compileCredential, type CredentialPlan } from "./credential_plan.ts";
import { checkOptions } from "./check_options.ts";

/** A compiled chain. */
export interface Plan {
  readonly chain: AnyChain;
  /** Highest priority first. */
  readonly stores: readonly StorePlan[];
  readonly credentials: ReadonlyMap<string, CredentialPlan>;
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
  extendBudgets(plan.credentials);
  return plan;
}

/**
 * Runs a function that reports mistakes in a chain.
 *
 * @param run Does the work, and reports each mistake that it finds.
 * @returns What it returned.
 * @throws {ChainError} Lists every mistake that was reported.
 */
export function reporting<T>(run: (complain: Complain) => T): T {
  const problems: Problem[] = [];
  const result = run((path, message, unknown) => {
    problems.push({ path, message: message + (unknown ? correction(unknown) : "") });
  });
  if (problems.length > 0) throw new ChainError(problems);
  return result;
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
  for (const [key, { needs }] of credentials) needs.forEach((need) => credentials.get(need)?.dependents.push(key));
  for (const store of stores) checkNeeds(store, credentials, complain);
  return { chain, stores, credentials };
}

/** Makes callers wait longer for what a slow store may give, and for what needs that. */
function extendBudgets(credentials: Plan["credentials"]): void {
  for (const [key, { sources }] of credentials) {
    for (const { store: { timeout } } of sources) {
      const more = timeout - TIMEOUT_MS;
      if (more > 0) dependents(credentials, [key]).forEach((each) => credentials.get(each)!.budget += more);
    }
  }
}

/** Returns these credentials, and all that need one of them. */
export function dependents(
  credentials: ReadonlyMap<string, { readonly dependents: readonly string[] }>,
  keys: Iterable<string>,
): ReadonlySet<string> {
  const affected = new Set(keys);
  // Hint: keys that are added during the iteration are visited too.
  for (const key of affected) credentials.get(key)?.dependents.forEach((dependent) => affected.add(dependent));
  return affected;
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
    const timeout = parts.options.timeout ?? parts.spec.timeout ?? TIMEOUT_MS;
    const { shape, priority } = store;
    const plan: StorePlan = { ...parts, name, store, shape: shape as Shape, timeout, readers: [] };
    checkOptions(plan, complain);
    if (typeof priority !== "number") continue;
    const other = byPriority.get(priority);
    // Hint: in a map, `NaN` equals itself.
    if (other?.store.priority === priority) {
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

function checkNeeds(store: StorePlan, credentials: Plan["credentials"], complain: Complain): void {
  const { name, spec, options, needs } = store;
  const share = shareOf(store);
  if (share?.compile) share.compile(store, credentials, complain);
  else if (share !== undefined) complain(`stores.${name}.share`, "Expected an engine, such as redis() returns");
  const requires: Readonly<Record<string, readonly string[] | undefined>> = spec.requires ?? {};
  for (const need of needs) {
    const path = `stores.${name}.${need}`;
    const key = shownName(options[need]);
    const plan = credentials.get(key);
    if (!plan) {
      complain(path, `Cannot find a credential "${key}"`, [key, [...credentials.keys()], "credentials"]);
      continue;
    }
    const lacking = (requires[need] ?? []).filter((field) => !plan.names.includes(field));
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
