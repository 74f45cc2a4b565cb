import type { MaybePromise } from "../../eventually.ts";
import type { Host } from "../../host.ts";
import type { Store, StoreOptions } from "../../stores/store.ts";

/** The fields of the credential that the checks use: `user` and `password` are required, `note` is optional. @category Testing */
export interface ConformanceValues {
  /** Required. */
  readonly user?: string;
  /** Required. */
  readonly password?: string;
  /** Optional. */
  readonly note?: string;
}

/**
 * A store with the place that it reads, made anew for every check. A fault that the medium can't have is left out, and
 * named when the checks are listed.
 *
 * @category Testing
 */
export interface StoreHarness {
  /** Makes the store for a chain. */
  readonly store: (options: StoreOptions) => Store;
  /** Where the credential is in it: its mapping, as a chain would have it. */
  readonly from: unknown;
  /** What is ambient, where the runtime's own won't do; the checks have a clock of their own. */
  readonly host?: Host;
  /** Puts exactly these values where the store finds them. */
  put(values: ConformanceValues): MaybePromise<void>;
  /** Removes everything. */
  remove(): MaybePromise<void>;
  /** Lets nobody read what is there. */
  deny?(): MaybePromise<void>;
  /** Makes what is there senseless. */
  break?(): MaybePromise<void>;
  /** Puts the place out of reach. */
  disconnect?(): MaybePromise<void>;
  /** Makes the place take what it is asked and never answer. */
  stall?(): MaybePromise<void>;
  /** Clears up. */
  close?(): MaybePromise<void>;
}

/**
 * What a store's medium can't do, said in words so that no check is left out by oversight: hold a `part` of an identity,
 * `change` once it is there, or a fault.
 *
 * @category Testing
 */
export type ConformanceLimit = "part" | "change" | Fault;

/** What may be wrong with a store. @category Testing */
export type Fault = "deny" | "break" | "disconnect" | "stall";

/** One thing that every store must do. @category Testing */
export interface ConformanceCheck {
  /** What a user would lose if it failed. */
  readonly name: string;
  /** Checks it; rejects where the store fails, with a message that holds no value. */
  run(): Promise<void>;
}
