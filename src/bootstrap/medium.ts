import type { MaybePromise } from "../eventually.ts";
import type { Refusal } from "../outcome.ts";

/** What was found in a place, as it was found. */
export interface Contents {
  /** The document, or the values by name; nothing where there is none. */
  readonly value: object | undefined;
  /** The text of a file. */
  readonly text?: string | undefined;
}

/** How a change is made. */
export interface ChangeOptions {
  /** Whether something that others wrote meanwhile must not be replaced, come what may. */
  readonly exclusive: boolean;
}

/** The right to mint, while nobody else has it. */
export interface Lock {
  /** Gives it up. */
  release(): void;
}

/** A place where a credential is kept. */
export interface Medium {
  /** What is there. */
  read(): MaybePromise<Contents | Refusal>;
  /** Puts something else there unless another change came first, and says whether it did. */
  replace(before: Contents, after: object, options: ChangeOptions): MaybePromise<boolean | Refusal>;
  /** Takes the right to mint; nothing while somebody else has it. */
  lock(): Lock | Refusal | undefined;
}
