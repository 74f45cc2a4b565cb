import type { MaybePromise } from "../../core/chain/eventually.ts";
import type { Host } from "../../core/chain/host.ts";
import type { Store, StoreOptions } from "../../core/chain/store.ts";

/** The values of the credential that the checks use, by field. @category Testing */
export interface ConformanceValues {
  /** Required. */
  readonly user?: string;
  /** Required. */
  readonly password?: string;
  /** Optional. */
  readonly note?: string;
}

/** Returns the values of a needed credential, by field, which the place accepts now. @category Testing */
export type NeededValues = () => MaybePromise<Readonly<Record<string, string>>>;

/**
 * A store and the place that it reads, created for each check. A fault that the place cannot have is left out, and
 * listed among the limits that `conformance` is given.
 *
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
   * One that the store binds what it gives to has other values at each call.
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
 * @category Testing
 */
export type ConformanceLimit = "put" | "part" | "change" | "write" | "leases" | Fault;

/** A way in which a store's place can fail. @category Testing */
export type Fault = "deny" | "break" | "disconnect" | "stall";

/** The options of `conformance`. @category Testing */
export interface ConformanceOptions {
  /**
   * How long each look-up may take, in milliseconds of real time; 2000 unless set. A place that never answers is waited for
   * a tenth of a second.
   */
  readonly timeout?: number;
}

/** One requirement of every store, or of every engine, as a test. @category Testing */
export interface ConformanceCheck {
  /** What must be done, as a sentence that begins with the kind. */
  readonly name: string;
  /** Runs the check; rejects if it fails. The message has no value. */
  run(): Promise<void>;
}
