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

/** How a chain of these checks differs from the usual. */
export interface SubjectOptions {
  /** The upper store's options besides its priority. */
  readonly store?: Partial<StoreOptions>;
  /** The host; in memory, with the variables below. */
  readonly host?: TestHostOptions;
  /** Whether a caller's default may serve. */
  readonly defaults?: "allow" | "forbid";
}

/** The variables that the environment of {@linkcode makeSubject} has. */
export const VARIABLES: Readonly<Record<string, string>> = { DB_USER: "reader", DB_PASSWORD: "not-a-secret" };

/**
 * Makes a chain of two stores: documents that a check scripts, and an environment in memory below them.
 *
 * @param options What differs.
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
 * Shows what a credential is, for one comparison.
 *
 * @param credential The credential.
 * @returns Its source, whether it is degraded, and what each store said.
 */
export function show({ source, degraded, trace }: Credential): string {
  return `${source}${degraded ? " degraded" : ""}: ${
    trace.map(({ store, outcome }) => `${store} ${outcome}`).join(", ")
  }`;
}

/**
 * Shows what an error of the package is, for one comparison.
 *
 * @param error What was thrown.
 * @returns Its name, its code, and what each store said.
 */
export function showError(error: unknown): string {
  const { name, code, trace = [] } = Object(error) as {
    name?: string;
    code?: string;
    trace?: readonly { store: string; outcome: string }[];
  };
  return `${name} ${code}: ${trace.map(({ store, outcome }) => `${store} ${outcome}`).join(", ")}`;
}
