import type { Version } from "../core/chain/answer.ts";
import type { MaybePromise } from "../core/chain/eventually.ts";
import type { FileLock } from "../core/chain/host.ts";
import type { Refusal } from "../core/chain/outcome.ts";

/** The name of a plain text in the contents, which is the locator that maps it. */
export const WHOLE = "";

/** What was found in a medium. */
export interface Contents {
  /**
   * The document, an object with the plain text as its only member, or the values by name; `undefined` if there is
   * none.
   */
  readonly value: object | undefined;
  /** The text of a file. */
  readonly text?: string | undefined;
  /** The store's version of it. */
  readonly version?: Version | undefined;
}

/** How something is replaced. */
export interface ChangeOptions {
  /** Whether what another writer wrote meanwhile must never be replaced. */
  readonly exclusive: boolean;
}

/** A place that holds a credential. */
export interface Medium {
  /** How often a caller checks whether another process has minted the credential, in milliseconds. */
  readonly pollMs: number;
  /** Reads what is there. */
  read(): MaybePromise<Contents | Refusal>;
  /** Replaces what is there, unless another change came first; returns whether it did. */
  replace(before: Contents, after: object, options: ChangeOptions): MaybePromise<boolean | Refusal>;
  /**
   * Takes the exclusive right to mint; returns `undefined` while another process has it, and `false` if another change
   * came first.
   */
  lock(): MaybePromise<FileLock | Refusal | false | undefined>;
}
