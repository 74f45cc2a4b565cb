import type { Step } from "./outcome.ts";

/** Why a credential can't be given: a closed set, gravest first where several apply. @category Errors */
export type CredentialErrorCode =
  | "denied"
  | "invalid"
  | "unavailable"
  | "incomplete"
  | "not_found"
  | "default_forbidden"
  | "unknown_key"
  | "closed";

/** What an error knows about the walk that failed. @category Errors */
export interface CredentialErrorDetails {
  /** Which credential. */
  readonly key: string;
  /** What every store said, in the order asked. */
  readonly trace?: readonly Step[];
  /** The declared names that would satisfy the credential: one entry for each store that could have it. */
  readonly missing?: readonly string[];
  /** What could not be done; `resolve` unless this says otherwise. */
  readonly action?: "resolve" | "persist" | "ensure";
}

/**
 * A credential that can't be given. It has a code, a key and declared names; never a value, and never the message or
 * cause of somebody else's error, since those quote what they were given.
 *
 * Tell it by `error.name === "CredentialError"` where several copies of the package may be about.
 *
 * @category Errors
 */
export class CredentialError extends Error {
  /** Tells it from other errors, also where it comes from another copy of the package. */
  override readonly name = "CredentialError";
  /** Why. */
  readonly code: CredentialErrorCode;
  /** Which credential. */
  readonly key: string;
  /** What every store said, in the order asked. */
  readonly trace: readonly Step[];
  /** The declared names that would satisfy the credential. */
  readonly missing: readonly string[];

  /** Makes one; `reason` says what was found and what would mend it. */
  constructor(code: CredentialErrorCode, reason: string, details: CredentialErrorDetails) {
    const { key, trace = [], missing = [], action = "resolve" } = details;
    super(`Cannot ${action} "${key}": ${reason}`);
    this.code = code;
    this.key = key;
    this.trace = trace;
    this.missing = missing;
  }
}

/** One thing that is wrong with a chain. @category Errors */
export interface Problem {
  /** Where in the chain, for example `credentials["polaris:oauth"].from.vault`. */
  readonly path: string;
  /** What was found, and what would be right. */
  readonly message: string;
}

/** A chain with mistakes in it: all of them, each with its place and what would be right. @category Errors */
export class ChainError extends Error {
  /** Tells it from other errors, also where it comes from another copy of the package. */
  override readonly name = "ChainError";
  /** Everything that is wrong, in the chain's own order. */
  readonly problems: readonly Problem[];

  /** Makes one that lists every problem. */
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
    this.problems = problems;
  }
}

/** Names in a sentence: `a`, `a and b`, `a, b and c`. */
export function list(names: readonly string[], word = "and"): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
}
