import type { Version } from "../core/chain/answer.ts";
import type { MaybePromise } from "../core/chain/eventually.ts";
import type { FileLock } from "../core/chain/host.ts";
import type { Refusal } from "../core/chain/outcome.ts";

/** The name of a plain text among the contents: the locator that maps it. */
export const WHOLE = "";

/** What was found in a medium. */
export interface Contents {
  /** The document, the plain text as its one member, or the values by name; nothing where there is none. */
  readonly value: object | undefined;
  /** The text of a file. */
  readonly text?: string | undefined;
  /** The version that the store has of it. */
  readonly version?: Version | undefined;
}

/** How something is replaced. */
export interface ChangeOptions {
  /** Whether something that another writer wrote meanwhile must never be replaced. */
  readonly exclusive: boolean;
}

/** A place that holds a credential. */
export interface Medium {
  /** How often a caller looks whether another process has minted the credential, in milliseconds. */
  readonly pollMs: number;
  /** Reads what is there. */
  read(): MaybePromise<Contents | Refusal>;
  /** Replaces what is there, unless another change came first; returns whether it did. */
  replace(before: Contents, after: object, options: ChangeOptions): MaybePromise<boolean | Refusal>;
  /**
   * Takes the exclusive right to mint; returns nothing while another process has it, and `false` where another change came
   * first.
   */
  lock(): MaybePromise<FileLock | Refusal | false | undefined>;
}
