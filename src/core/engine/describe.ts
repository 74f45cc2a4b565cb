import type { Presence } from "../chain/field.ts";
import { LATEST } from "../chain/limits.ts";
import { isRefusal, type Refusal, type Step } from "../chain/outcome.ts";
import { isReference } from "../chain/reference.ts";
import type { ShapeName } from "../chain/shape.ts";
import type { ShareDescription } from "../chain/share.ts";
import { present } from "../source/mapping.ts";
import { type LocatedReference, optionReferences, referencesIn } from "../source/references.ts";
import { shareOf } from "../source/sharing.ts";
import type { StorePlan } from "../source/source.ts";
import type { Stores } from "../chain/store.ts";
import type { Hold } from "./hold.ts";
import type { Internals } from "./internals.ts";
import type { CredentialPlan } from "./credential_plan.ts";
import type { Plan } from "./plan.ts";

/**
 * A chain and what is held for it, as data without any value. Times are ISO 8601.
 *
 * @example The stores in the order in which they are asked
 * ```ts
 * import { createResolver, defineChain, env, memory, required } from "@alphaswarm/credentials";
 * import type { ChainDescription } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }), own: memory({ priority: 200 }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { env: { prefix: "NEO4J_" } } },
 *   },
 * });
 * const { stores }: ChainDescription = createResolver(chain).describe();
 * console.log(stores.map(({ name }) => name)); // ["own", "env"]
 * ```
 * @category Description
 */
export interface ChainDescription {
  /** The version of this object's format. */
  readonly version: 1;
  /** The stores, highest priority first. */
  readonly stores: readonly StoreDescription[];
  /** The credentials, in the chain's own order. */
  readonly credentials: readonly CredentialDescription[];
}

/**
 * A store of a chain.
 *
 * @example Why a store is not asked
 * ```ts
 * import { createResolver, defineChain, file, fromEnv, required } from "@alphaswarm/credentials";
 * import type { StoreDescription } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { state: file({ priority: 100, directory: fromEnv("STATE_DIR") }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { state: "neo4j.json" } },
 *   },
 * });
 * const [store]: readonly StoreDescription[] =
 *   createResolver(chain, { env: {} }).describe().stores;
 * console.log(store?.state, store?.reason); // "invalid", "STATE_DIR is not set"
 * ```
 * @category Description
 */
export interface StoreDescription {
  /** Its name. */
  readonly name: string;
  /** Its kind, for example `"env"`. */
  readonly kind: string;
  /** What its look-up takes and returns. */
  readonly shape: ShapeName;
  /** A store with a higher priority is asked first. */
  readonly priority: number;
  /** Whether it is asked. */
  readonly state: "on" | "off" | "invalid";
  /** Why it is off or invalid, and what would change that. */
  readonly reason?: string;
  /** Whether `install` added it. */
  readonly installed?: true;
  /** The keys of the credentials that it needs itself. */
  readonly needs?: readonly string[];
  /** The options that say what it reads, as the chain writes them: `$NAME` if a variable gives one. */
  readonly options?: Readonly<Record<string, string>>;
  /** How its tokens are shared, if they are. */
  readonly share?: ShareDescription;
  /** The variables that its options, and the parameters in mappings, refer to. */
  readonly references: readonly ReferenceDescription[];
}

/**
 * A variable that an option of a store, or a parameter in a mapping, refers to.
 *
 * @example The variables that a deployment has to set
 * ```ts
 * import { createResolver, defineChain, file, fromEnv, required } from "@alphaswarm/credentials";
 * import type { ReferenceDescription } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { state: file({ priority: 100, directory: fromEnv("STATE_DIR") }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { state: "neo4j.json" } },
 *   },
 * });
 * const { stores } = createResolver(chain, { env: {} }).describe();
 * const references: readonly ReferenceDescription[] = stores.flatMap((store) =>
 *   store.references
 * );
 * console.log(references.filter(({ set }) => !set).map(({ variable }) => variable));
 * // ["STATE_DIR"]
 * ```
 * @category Description
 */
export interface ReferenceDescription {
  /**
   * The option, which may occur several times, or a path within it, such as `headers.Polaris-Realm`; for a parameter in
   * a mapping, a path such as `credentials["polaris:rest"].scope`.
   */
  readonly option: string;
  /** The variable's name. */
  readonly variable: string;
  /** Whether it is set to something that can be read; its value is never shown. */
  readonly set: boolean;
  /** Why it cannot be read, so that it may be set after all: reading is not permitted (`denied`), or it is not text. */
  readonly unreadable?: Refusal["outcome"];
}

/**
 * A credential of a chain.
 *
 * @example What is looked for, and where
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import type { CredentialDescription } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { env: { prefix: "NEO4J_" } } },
 *   },
 * });
 * const [credential]: readonly CredentialDescription[] =
 *   createResolver(chain).describe().credentials;
 * console.log(credential?.key, credential?.from);
 * // "neo4j:basic", [{ "store": "env", "reads": ["NEO4J_USER"] }]
 * ```
 * @category Description
 */
export interface CredentialDescription {
  /** Its key. */
  readonly key: string;
  /** Its fields. */
  readonly fields: readonly { readonly name: string; readonly presence: Presence }[];
  /** At least one of these must be present. */
  readonly anyOf?: readonly string[];
  /** The stores in the order they are asked, and the names that are looked for in each. */
  readonly from: readonly { readonly store: string; readonly reads: readonly string[] }[];
  /** What is held for it. */
  readonly held?: HeldDescription;
  /** The last walk. */
  readonly last?: WalkDescription;
}

/**
 * What is held for a credential.
 *
 * @example Where each field came from
 * ```ts
 * import { createResolver, defineChain, env, required, setting } from "@alphaswarm/credentials";
 * import type { HeldDescription } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), database: setting({ default: "neo4j" }) },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, { env: { NEO4J_USER: "reader" } });
 * await resolver.resolve("neo4j:basic");
 * const held: HeldDescription | undefined = resolver.describe().credentials[0]?.held;
 * console.log(held?.fields); // { "user": "env", "database": "default" }
 * ```
 * @category Description
 */
export interface HeldDescription {
  /** The store that gave the identity. */
  readonly source: string;
  /** The store that gave each field. */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether a store that should have answered could not. */
  readonly degraded: boolean;
  /**
   * Counts the values that the process got for the key, as the credential's own `generation` does; older reports lack
   * it.
   */
  readonly generation?: number;
  /** When it was resolved. */
  readonly resolvedAt: string;
  /** When its renewal is due. */
  readonly renewsAt?: string;
  /** When it expires. */
  readonly expiresAt?: string;
  /** The key of the credential that ends it, if that expires before it would, as a login may before its leases. */
  readonly endsWith?: string;
}

/**
 * The last walk of a credential.
 *
 * @example What is known about a walk that found nothing
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import type { WalkDescription } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { env: { prefix: "NEO4J_" } } },
 *   },
 * });
 * const resolver = createResolver(chain, { env: {} });
 * await resolver.find("neo4j:basic");
 * const last: WalkDescription | undefined = resolver.describe().credentials[0]?.last;
 * console.log(last?.error, last?.missing); // "not_found", ["NEO4J_USER"]
 * ```
 * @category Description
 */
export interface WalkDescription {
  /** When it ended. */
  readonly at: string;
  /** The code of the error that it ended with. */
  readonly error?: string;
  /** The declared names of what is missing, as in `CredentialError`. */
  readonly missing?: readonly string[];
  /** The answer of every store that was asked, in that order. */
  readonly trace: readonly Step[];
}

/** Describes a resolver's chain and what it holds. It reads flags and references, and asks no store. */
export function describe({ plan, deps, hold }: Internals, declared: Stores): ChainDescription {
  return {
    version: 1,
    stores: plan.stores.map((store): StoreDescription => {
      const { name, store: { kind, priority }, shape } = store;
      const { open, answers } = deps.store(name);
      const share = answers?.sharing ?? shareOf(store);
      return {
        name,
        kind,
        shape: shape.name,
        priority,
        state: open.state,
        ...(open.state !== "on" && { reason: open.reading.detail }),
        ...(!Object.hasOwn(declared, name) && { installed: true }),
        ...(store.store.needs.length > 0 && { needs: store.store.needs }),
        ...shownOptions(store),
        references: referencesOf(store, plan).map(({ option, reference: { variable } }) => ({
          option,
          variable,
          ...stateOf(deps.ambient.variable(variable)),
        })),
        ...(share && { share: share.describe() }),
      };
    }),
    credentials: [...plan.credentials.values()].map((credential) => describeOne(credential, hold(credential.key))),
  };
}

function shownOptions({ spec: { shows = [] }, options }: StorePlan): Pick<StoreDescription, "options"> {
  const given = shows.filter((name) => options[name] !== undefined);
  if (given.length === 0) return {};
  const shown = (option: unknown) => isReference(option) ? `$${option.variable}` : String(option);
  return { options: Object.fromEntries(given.map((name) => [name, shown(options[name])])) };
}

function referencesOf(store: StorePlan, { credentials }: Plan): readonly LocatedReference[] {
  const requests = [...credentials.values()].flatMap(({ key, sources }) =>
    sources.flatMap(({ store: asked, reader }) =>
      asked === store ? referencesIn(reader.request, `credentials["${key}"]`) : []
    )
  );
  return [...optionReferences(store.options), ...requests];
}

function stateOf(value: unknown): Pick<ReferenceDescription, "set" | "unreadable"> {
  return isRefusal(value) ? { set: false, unreadable: value.outcome } : { set: present(value) };
}

function describeOne({ key, fields, anyOf, sources }: CredentialPlan, hold?: Hold): CredentialDescription {
  return {
    key,
    fields: fields.map(({ name, presence }) => ({ name, presence })),
    ...(anyOf.length > 0 && { anyOf: anyOf.map((at) => fields[at]!.name) }),
    from: sources.map(({ store, reader }) => ({ store: store.name, reads: reader.reads })),
    ...(hold?.promise && { held: heldOf(hold) }),
    ...(hold?.last && { last: { ...hold.last, at: time(hold.last.at) } }),
  };
}

function heldOf({ credential, last, generation }: Hold): HeldDescription {
  const { source, fields, degraded, expiresAt } = credential!;
  return {
    source,
    fields: Object.fromEntries(fields.map((name) => [name, credential!.sourceOf(name)!])),
    degraded,
    generation: credential!.generation,
    resolvedAt: time(last!.at),
    // Hint: a token that does not expire may be used until it is invalidated, and that is not a date.
    ...(generation && generation.renewsAt <= LATEST && { renewsAt: time(generation.renewsAt) }),
    ...(expiresAt !== undefined && { expiresAt: time(expiresAt) }),
    ...(generation?.endsWith && { endsWith: generation.endsWith }),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
