import { isReference, type Reference } from "../../core/chain/reference.ts";
import { nearest } from "../../core/chain/unknown_name.ts";
import { dependents } from "../../core/engine/plan.ts";
import { isData } from "../../core/source/data.ts";
import { present } from "../../core/source/mapping.ts";
import type { Complain } from "../../core/source/reader.ts";
import { type PlannedCredentials, shareOf } from "../../core/source/sharing.ts";
import type { StorePlan } from "../../core/source/source.ts";
import { ownOptions } from "../entry/identity.ts";

/** How long a caller waits for what depends on a shared token, unless it says otherwise. */
const BUDGET_MS = 15_000;

/** Completes the plan of a store that shares its tokens, and reports the mistakes in it. */
export function compileShare(store: StorePlan, credentials: PlannedCredentials, complain: Complain): void {
  const { needed, principal } = shareOf(store)!;
  const { spec, shape } = store;
  const path = `stores.${store.name}.share`;
  // Hint: a token that ends with one machine's own login is of no use to the others.
  if (!spec.share || !shape.issued || spec.binds?.length) {
    // Hint: if the options are listed, `share` is reported as unknown.
    if (spec.share || !spec.options) complain(path, `Stores of the kind "${spec.kind}" cannot share: remove it`);
    return;
  }
  for (const [option, key] of Object.entries(needed)) {
    const credential = credentials.get(key);
    if (typeof key !== "string") {
      complain(`${path}.${option}`, 'Expected a key such as "service:purpose"');
    } else if (!credential) {
      const known = [...credentials.keys()];
      // Hint: only a mistyped key is shown; anything else may be a seal or a URL that was pasted in the wrong place.
      const shown = nearest(key, known) === undefined ? "" : ` "${key}"`;
      complain(`${path}.${option}`, `Cannot find a credential${shown}`, [key, known, "credentials"]);
    } else if (option === "seal" && !credential.names.includes("key")) {
      complain(`${path}.seal`, `The credential "${key}" has no field key, which sharing needs`);
    }
  }
  if (principal !== undefined && !isReference(principal) && !(typeof principal === "string" && present(principal))) {
    complain(`${path}.principal`, "Expected a string that is not blank, or a reference, such as fromEnv() returns");
  }
  const isNamed = present(isReference(principal) ? (principal as Reference).fallback ?? "named" : principal);
  const behind = storesBehind(store, credentials);
  for (const [behindIt, key] of behind) {
    const { name, options, shape } = behindIt;
    if (!isNamed && isAmbient(behindIt, key)) {
      const from = key === undefined ? `"${name}"` : `"${key}" from "${name}"`;
      complain(
        `${path}.principal`,
        `Expected a string or a reference that says who ${from} is: each machine may have a different identity`,
      );
    }
    if (!shape.issued) continue;
    for (const [option, value] of Object.entries(ownOptions(options))) {
      if (!isData(value)) {
        complain(
          `stores.${name}.${option}`,
          `Expected data that JSON can represent: "${store.name}" shares tokens by it`,
        );
      }
    }
  }
  extendBudgets(store, credentials);
}

/** Returns a store that shares and the stores behind its login, each with the key of the credential that it may give. */
function storesBehind(shared: StorePlan, credentials: PlannedCredentials): ReadonlyMap<StorePlan, string | undefined> {
  const behind = new Map<StorePlan, string | undefined>([[shared, undefined]]);
  // Hint: stores that are added during the iteration are visited too.
  for (const { needs, options, shape } of behind.keys()) {
    // Hint: for a static store only its values count, not how it came by them.
    for (const need of shape.issued ? needs : []) {
      const key = options[need] as string;
      for (const { store } of credentials.get(key)?.sources ?? []) {
        if (!behind.has(store)) behind.set(store, key);
      }
    }
  }
  return behind;
}

/** Whether the machine itself decides who logs in, as with a token store behind a need that needs no login itself. */
function isAmbient({ spec, shape, needs }: StorePlan, key?: string): boolean {
  return spec.ambient === true || shape.issued && key !== undefined && needs.length === 0;
}

/** Gives callers time to wait for other machines, for what a store shares and for what depends on that. */
function extendBudgets(shared: StorePlan, credentials: PlannedCredentials): void {
  const given = [...credentials].filter(([, { sources }]) => sources.some(({ store }) => store === shared));
  for (const key of dependents(credentials, given.map(([key]) => key))) credentials.get(key)!.budget = BUDGET_MS;
}
