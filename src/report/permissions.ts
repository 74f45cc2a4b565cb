import type { AnyChain, Chain } from "../core/chain/chain.ts";
import { list } from "../core/chain/errors.ts";
import type { Ambient, Host } from "../core/chain/host.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import { isSet, present } from "../core/source/mapping.ts";
import type { Stores } from "../core/chain/store.ts";
import { partsOf } from "../core/chain/store_kind.ts";
import { compile, type Plan } from "../core/engine/plan.ts";
import { ambient } from "../core/runtime/ambient.ts";
import { optionReferences, readOptions, referencesIn } from "../core/source/references.ts";
import { shareOf } from "../core/source/sharing.ts";
import type { StorePlan } from "../core/source/source.ts";
import { stepsToSwitchOn } from "../core/source/switch_on.ts";
import { denoFlags } from "./deno_flags.ts";
import { currentText, permissionsOf } from "./store_options.ts";

/**
 * The permissions that a chain needs, and no more. It never holds the value of a variable.
 *
 * @example A permission set for deno.json
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { permissions, type PermissionsReport } from "@alphaswarm/credentials/report";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const { env: names, net, run }: PermissionsReport = permissions(chain);
 * console.log({ service: { env: names, net, run } });
 * // { "service": { "env": ["NEO4J_PASSWORD"], "net": [], "run": [] } }
 * ```
 * @category Reports
 */
export interface PermissionsReport {
  /** The version of this object's format. */
  readonly version: 1;
  /** The names of the variables that it reads. */
  readonly env: readonly string[];
  /** The paths that it reads; `$NAME` stands for the value of a variable. */
  readonly read: readonly string[];
  /** The hosts that it connects to. */
  readonly net: readonly string[];
  /** The programs that it runs. */
  readonly run: readonly string[];
  /** The same, as flags of `deno run` for a POSIX shell. */
  readonly flags: string;
  /** What is left out, and why. */
  readonly notes: readonly string[];
}

/**
 * Returns the smallest permissions that a chain needs on Deno, given the present values of its flags and references. A
 * store that is switched off needs none.
 *
 * @typeParam S The chain's stores.
 * @typeParam C The chain's credentials.
 * @param chain The chain.
 * @param host Replaces the environment that flags and references are read from.
 * @returns The permissions, as data and as Deno's flags.
 * @throws {ChainError} If the chain does not compile.
 *
 * @example The flags of a chain
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { permissions } from "@alphaswarm/credentials/report";
 *
 * const { flags } = permissions(defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * }));
 * console.log(flags); // "--allow-env=NEO4J_PASSWORD"
 * ```
 * @category Reports
 */
export function permissions<S extends Stores, C>(chain: Chain<S, C>, host?: Host): PermissionsReport {
  const declared = chain as unknown as AnyChain;
  const plan = compile(declared);
  const completed = ambient(host);
  const needs = plan.stores.map((store) => needsOfStore(store, plan, completed));
  const env = distinct([...referencesOf(declared), ...needs.flatMap(({ env }) => env)]);
  const read = distinct(needs.flatMap(({ read }) => read));
  const net = distinct(needs.flatMap(({ net }) => net));
  const run = distinct(needs.flatMap(({ run }) => run));
  const notes = needs.flatMap(({ notes }) => notes);
  return { version: 1, env, read, net, run, flags: denoFlags({ env, read, net, run }), notes };
}

type StoreNeeds = Pick<PermissionsReport, "env" | "read" | "net" | "run" | "notes">;

function needsOfStore(store: StorePlan, plan: Plan, completed: Ambient): StoreNeeds {
  const nothing: StoreNeeds = { env: [], read: [], net: [], run: [], notes: [] };
  const sources = [...plan.credentials.values()].flatMap((credential) => credential.sources);
  const reads = sources.filter((source) => source.store === store).flatMap(({ reader }) => reader.reads);
  if (reads.length === 0) return nothing;
  if (isOff(store, completed)) {
    return { ...nothing, notes: [`"${store.name}" is off: its permissions are left out`] };
  }
  const { env = [], net = [], run = [] } = permissionsOf(store, reads, currentText(completed));
  // Hint: a path is written as the variable that a shell expands, since the value of a variable is never printed.
  const { read = [] } = permissionsOf(store, reads, ({ variable, fallback }) => {
    const isUnset = fallback !== undefined && !isSet(variable, completed.variable);
    return isUnset ? fallback : `$${variable}`;
  });
  return { env, read, net, run, notes: [...unmet(store, completed), ...unknownPaths(store), ...unknownHosts(store)] };
}

function isOff(store: StorePlan, { variable }: Ambient): boolean {
  const steps = stepsToSwitchOn(store, variable);
  return !isRefusal(steps) && steps.size > 0;
}

function unmet(store: StorePlan, { variable }: Ambient): readonly string[] {
  const lacking = [...readOptions(store, variable).lacking.values()];
  const note = (unset: boolean, what: string) => {
    const found = lacking.filter(([name]) => present(variable(name!)) !== unset);
    const names = list(distinct(found.map((variables) => list(variables, "or"))));
    return names ? [`"${store.name}" needs ${names} to be ${what}: then run this again`] : [];
  };
  return [...note(true, "set"), ...note(false, "readable")];
}

function unknownPaths({ name, options, spec }: StorePlan): readonly string[] {
  return spec.kind === "env" && options.files === true
    ? [`"${name}" reads the files that its NAME_FILE variables name: add their paths to --allow-read`]
    : [];
}

// Hint: the user's own code connects to the engine, so nothing in the chain says where that is.
function unknownHosts(store: StorePlan): readonly string[] {
  const share = shareOf(store);
  return share
    ? [`"${store.name}" shares its tokens by ${share.engine}: add the host that its connect() reaches to --allow-net`]
    : [];
}

/** Returns every variable that the chain itself refers to. */
function referencesOf(chain: AnyChain): readonly string[] {
  const options = Object.values(chain.stores).flatMap((store) => optionReferences(partsOf(store)!.options));
  const mappings = Object.values(chain.credentials).flatMap(({ from }) => referencesIn(from, "from"));
  const policy = referencesIn(chain.defaults, "defaults");
  return [...options, ...mappings, ...policy].map(({ reference }) => reference.variable);
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
