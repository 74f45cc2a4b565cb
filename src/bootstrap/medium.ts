import type { MaybePromise } from "../core/chain/eventually.ts";
import type { Refusal } from "../core/chain/outcome.ts";

/** What was found in a medium. */
export interface Contents {
  /** The document, or the values by name; nothing where there is none. */
  readonly value: object | undefined;
  /** The text of a file. */
  readonly text?: string | undefined;
}

/** How something is replaced. */
export interface ChangeOptions {
  /** Whether something that another writer wrote meanwhile must never be replaced. */
  readonly exclusive: boolean;
}

/** The exclusive right to mint. */
export interface Lock {
  /** Releases the lock. */
  release(): void;
}

/** A place that holds a credential. */
export interface Medium {
  /** Reads what is there. */
  read(): MaybePromise<Contents | Refusal>;
  /** Replaces what is there, unless another change came first; returns whether it did. */
  replace(before: Contents, after: object, options: ChangeOptions): MaybePromise<boolean | Refusal>;
  /** Takes the lock; returns nothing while another process has it. */
  lock(): Lock | Refusal | undefined;
}
