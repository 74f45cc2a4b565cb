/** What is wrong in a chain that compiles: a part that is never used, or that more can read than should. @category Reports */
export type LintRule = "shadowed" | "unreachable" | "unmapped" | "short_form" | "loose_mode";

/** One finding in a chain that compiles. @category Reports */
export interface Finding {
  /** The kind of mistake. */
  readonly rule: LintRule;
  /** Where in the chain. */
  readonly path: string;
  /** What was found, and how to fix it. */
  readonly message: string;
  /** The credential's key, where it is about one. */
  readonly key?: string;
}

/** Reports a finding: its path below the credential, and what was found. */
export type ReportFinding = (rule: LintRule, at: string, message: string) => void;

/** The mode of a file with secrets, unless its store sets another: readable and writable by its owner alone. */
export const OWNER_ONLY = 0o600;
