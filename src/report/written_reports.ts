/**
 * What `init --json` prints: what was written, and what was found for it, without a value.
 *
 * @example The variables that are still to be set
 * ```ts
 * import type { InitReport } from "@alphaswarm/credentials/report";
 *
 * const unset = ({ services }: InitReport) =>
 *   services.flatMap(({ variables }) => variables.filter(({ set }) => !set).map(({ name }) => name));
 * console.log(unset({ version: 1, config: "chain.config.ts", stores: ["env"], services: [] })); // []
 * ```
 * @category Reports
 */
export interface InitReport {
  /** The version of this object's format. */
  readonly version: 1;
  /** The path of the chain's module, as given. */
  readonly config: string;
  /** The chain's stores. */
  readonly stores: readonly string[];
  /** The services, in the order in which they were given. */
  readonly services: readonly {
    /** Its name on the command line. */
    readonly name: string;
    /** The key of its credential. */
    readonly key: string;
    /** The variables by which the chain reads its fields. */
    readonly variables: readonly {
      /** Its name. */
      readonly name: string;
      /** The field that it is for. */
      readonly field: string;
      /** Whether it is set. */
      readonly set: boolean;
      /** Whether it may not be read, or is not text. */
      readonly unreadable?: true;
    }[];
    /** Its document, relative to the chain's module, and whether that exists. */
    readonly document: { readonly path: string; readonly exists: boolean };
  }[];
}

/**
 * What `persist --json` prints: where a credential was written.
 *
 * @example Whether what was written is in use
 * ```ts
 * import type { PersistReport } from "@alphaswarm/credentials/report";
 *
 * const inUse = ({ shadowedBy }: PersistReport) => shadowedBy === undefined;
 * console.log(inUse({ version: 1, key: "db:user", store: "file", names: [] })); // true
 * ```
 * @category Reports
 */
export interface PersistReport {
  /** The version of this object's format. */
  readonly version: 1;
  /** The credential's key. */
  readonly key: string;
  /** The store that holds it now. */
  readonly store: string;
  /** The declared names under which it is there. */
  readonly names: readonly string[];
  /** A store with a higher priority that answers instead: what was written is not in use. */
  readonly shadowedBy?: string;
}
