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
 * @example Another token at each call
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
 * A store and the place that it reads, created for each check. A fault that the place cannot have is left out, and
 * listed among the limits that `conformance` is given.
 *
 * @example A store of files, in memory
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
  /** The host, if not that of the runtime; the checks replace its clock. */
  readonly host?: Host;
  /**
   * The credentials that the store needs, by the keys that its options name, such as `{ "vault:token": () => ({ token }) }`.
   * What the store `binds` must have other values at each call.
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
  /** Of a store with `close`: counts what the place has issued and not ended, such as leases or sessions. */
  leases?(): MaybePromise<number>;
  /** Releases what the harness uses. */
  close?(): MaybePromise<void>;
}

/**
 * What a store's place cannot do, declared so that no check is left out by oversight: hold what is `put` and nothing
 * otherwise, since it issues values of its own; hold only a `part` of an identity; `change` later; be written by the store's
 * `write`; count its `leases`; or have a fault.
 *
 * @example A place that issues values of its own
 * ```ts
 * import type { ConformanceLimit } from "@alphaswarm/credentials/testing";
 *
 * // For conformance(): it holds no part of an identity, and it has none of the four faults.
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
 * // For conformance(): what the harness does not have is declared.
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
   * How long each look-up may take, in milliseconds of real time; 2000 unless set. A place that never answers is waited for
   * a tenth of a second.
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
  /** What must be done, as a sentence that begins with the kind. */
  readonly name: string;
  /** Runs the check; rejects if it fails. The message has no value. */
  run(): Promise<void>;
}
