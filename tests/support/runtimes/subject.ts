import {
  createResolver,
  type Credential,
  defineChain,
  document,
  env,
  optional,
  required,
  type StoreOptions,
} from "../../../mod.ts";
import { scriptedStore, testHost, type TestHostOptions } from "../../../src/testing/mod.ts";

/** The options of the chain and its host. */
export interface SubjectOptions {
  /** The upper store's other options. */
  readonly store?: Partial<StoreOptions>;
  /** The options of the test host, which has the variables below unless set. */
  readonly host?: TestHostOptions;
  /** Whether a caller's default may be used. */
  readonly defaults?: "allow" | "forbid";
}

/** The variables in the environment of {@linkcode makeSubject}. */
export const VARIABLES: Readonly<Record<string, string>> = { DB_USER: "reader", DB_PASSWORD: "not-a-secret" };

/**
 * Creates a chain of two stores: scripted documents, and an environment in memory below them.
 *
 * @param options The options.
 * @returns The chain, its host and its resolver.
 */
export function makeSubject({ store = {}, host: given = {}, defaults = "allow" }: SubjectOptions = {}) {
  const host = testHost({ env: { ...VARIABLES }, ...given });
  const upper = scriptedStore({ shape: document, recheck: 1_000 });
  const chain = defineChain({
    defaults,
    stores: { upper: upper.store({ priority: 200, ...store }), env: env({ priority: 100 }) },
    credentials: {
      "db:basic": {
        fields: { user: required(), password: required(), note: optional() },
        from: { upper: "db.json", env: { prefix: "DB_" } },
      },
    },
  });
  return { chain, host, clock: host.clock, upper, resolver: createResolver(chain, host) };
}

/**
 * Formats a credential, to compare all of it at once.
 *
 * @param credential The credential.
 * @returns Its source, whether it is degraded, and the outcome of each store.
 */
export function show({ source, degraded, trace }: Credential): string {
  return `${source}${degraded ? " degraded" : ""}: ${
    trace.map(({ store, outcome }) => `${store} ${outcome}`).join(", ")
  }`;
}

/**
 * Formats an error of the package, to compare all of it at once.
 *
 * @param error What was thrown.
 * @returns Its name, its code, and the outcome of each store.
 */
export function showError(error: unknown): string {
  const { name, code, trace = [] } = Object(error) as {
    name?: string;
    code?: string;
    trace?: readonly { store: string; outcome: string }[];
  };
  return `${name} ${code}: ${trace.map(({ store, outcome }) => `${store} ${outcome}`).join(", ")}`;
}
