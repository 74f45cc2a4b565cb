import type { MaybePromise } from "../../core/chain/eventually.ts";
import type { Host } from "../../core/chain/host.ts";
import type { Store, StoreOptions } from "../../core/chain/store.ts";

/**
 * The values of the credential that the checks use, by field.
 *
 * @example Put a document in place
 * ```ts
 * import { type ConformanceValues, testHost } from "@alphaswarm/credentials/testing";
 *
 * const host = testHost();
 * const put = (values: ConformanceValues) =>
 *   void (host.disk["state/db.json"] = JSON.stringify(values));
 * put({ user: "reader", note: "a part of an identity" });
 * console.log(Object.keys(host.disk)); // ["state/db.json"]
 * ```
 * @category Testing
 */
export interface ConformanceValues {
  /** Required. */
  readonly user?: string;
  /** Required. */
  readonly password?: string;
  /** Optional. */
  readonly note?: string;
}

/**
 * Returns the values of a needed credential, by field, which the place accepts now.
 *
 * @example A new token at each call
 * ```ts
 * import type { NeededValues } from "@alphaswarm/credentials/testing";
 *
 * const issued = new Set<string>();
 * const login: NeededValues = () => {
 *   const token = crypto.randomUUID();
 *   issued.add(token); // what the place accepts
 *   return { token };
 * };
 * export const needs = { "vault:token": login };
 * ```
 * @category Testing
 */
export type NeededValues = () => MaybePromise<Readonly<Record<string, string>>>;

/**
 * A store and the place that it reads, created for each check. Leave out a fault that the place cannot have, and list it
 * among the limits that you pass to `conformance`.
 *
 * @example A store of files in memory
 * ```ts
 * import { file } from "@alphaswarm/credentials";
 * import { conformance, type StoreHarness, testHost } from "@alphaswarm/credentials/testing";
 *
 * function open(): StoreHarness {
 *   const host = testHost();
 *   return {
 *     host,
 *     store: (options) => file({ ...options, directory: "state" }),
 *     from: "db.json",
 *     put: (values) => void (host.disk["state/db.json"] = JSON.stringify(values)),
 *     remove: () => void (host.disk["state/db.json"] = undefined),
 *     break: () => void (host.disk["state/db.json"] = "{"),
 *   };
 * }
 * for (const { run } of conformance("file", open, ["deny", "disconnect", "stall"])) {
 *   await run();
 * }
 * ```
 * @category Testing
 */
export interface StoreHarness {
  /** Creates the store for a chain. */
  readonly store: (options: StoreOptions) => Store;
  /** The mapping of the credential, as in the `from` of a chain. */
  readonly from: unknown;
  /** The host; default that of the runtime. The checks replace its clock. */
  readonly host?: Host;
  /**
   * The credentials that the store needs, by the keys that its options name, such as `{ "vault:token": () => ({ token }) }`.
   * Those that the store `binds` must have different values at each call.
   */
  readonly needs?: Readonly<Record<string, NeededValues>>;
  /** Replaces the values that the store finds. */
  put(values: ConformanceValues): MaybePromise<void>;
  /** Removes all values. */
  remove(): MaybePromise<void>;
  /** Withdraws the permission to read the values. */
  deny?(): MaybePromise<void>;
  /** Makes the values invalid, such as a document that is not JSON. */
  break?(): MaybePromise<void>;
  /** Makes the place unreachable. */
  disconnect?(): MaybePromise<void>;
  /** Makes the place accept requests and never answer. */
  stall?(): MaybePromise<void>;
  /** Of a store with `close`: counts what the place has issued and has not ended, such as leases or sessions. */
  leases?(): MaybePromise<number>;
  /** Releases what the harness uses. */
  close?(): MaybePromise<void>;
}

/**
 * What a store's place cannot do, which must be declared so that no check is left out by oversight: hold exactly what is
 * `put`, since it issues its own values; hold only a `part` of an identity; `change` later; be written by the store's
 * `write`; count its `leases`; or have a fault.
 *
 * @example A place that issues its own values
 * ```ts
 * import type { ConformanceLimit } from "@alphaswarm/credentials/testing";
 *
 * // For conformance(): it cannot hold a part of an identity, or have any of the four faults.
 * export const limits: readonly ConformanceLimit[] = [
 *   "put",
 *   "part",
 *   "deny",
 *   "break",
 *   "disconnect",
 *   "stall",
 * ];
 * ```
 * @category Testing
 */
export type ConformanceLimit = "put" | "part" | "change" | "write" | "leases" | Fault;

/**
 * A way in which a store's place can fail.
 *
 * @example The faults that a harness can have
 * ```ts
 * import type { Fault, StoreHarness } from "@alphaswarm/credentials/testing";
 *
 * const faults: readonly Fault[] = ["deny", "break", "disconnect", "stall"];
 * // For conformance(): the faults that the harness does not have.
 * export const limitsOf = (harness: StoreHarness) =>
 *   faults.filter((fault) => !harness[fault]);
 * ```
 * @category Testing
 */
export type Fault = "deny" | "break" | "disconnect" | "stall";

/**
 * The options of `conformance`.
 *
 * @example A slow server
 * ```ts
 * import { conformance, type ConformanceOptions, type StoreHarness } from "@alphaswarm/credentials/testing";
 *
 * const options: ConformanceOptions = { timeout: 10_000 };
 * export const checksOf = (open: () => Promise<StoreHarness>) =>
 *   conformance("vault", open, ["stall"], options);
 * ```
 * @category Testing
 */
export interface ConformanceOptions {
  /**
   * How long each look-up may take, in milliseconds of real time; default 2000. The checks wait a tenth of a second for a
   * place that never answers.
   */
  readonly timeout?: number;
}

/**
 * One requirement of every store, or of every engine, as a test.
 *
 * @example One test for each, with any runner
 * ```ts
 * import type { ConformanceCheck } from "@alphaswarm/credentials/testing";
 *
 * // Deno.test, or test of node:test, bun:test or vitest.
 * type Test = (name: string, run: () => Promise<void>) => unknown;
 *
 * export function register(checks: readonly ConformanceCheck[], test: Test): void {
 *   for (const { name, run } of checks) test(name, run);
 * }
 * ```
 * @category Testing
 */
export interface ConformanceCheck {
  /** What the store or engine must do, as a sentence that begins with its kind. */
  readonly name: string;
  /** Runs the check; rejects if it fails, with a message that contains no value. */
  run(): Promise<void>;
}
