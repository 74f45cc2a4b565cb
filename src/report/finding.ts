/**
 * The kind of mistake in a chain that compiles.
 *
 * - `shadowed`: it reads what another part of the chain reads before it.
 * - `unreachable`: a store that no credential maps, or a credential that no store serves.
 * - `unmapped`: a field that no store maps.
 * - `short_form`: a field that has a locator in only some of a document's forms.
 * - `path_notation`: a locator that looks like a path in another notation than JSON Pointer, and names one member.
 * - `loose_mode`: a file that users other than its owner may read or write.
 * - `conflicting_values`: a variable that two stores have with different values.
 * - `ignored_file`: a variable `NAME_FILE` that is set while `NAME` is not, and that `env` ignores without `files: true`.
 * - `missing_directory`: a store whose directory does not exist; reported by `check`, not by `lint`.
 * - `plaintext`: the engine of a store that shares its tokens is on another host, and reached without TLS.
 * - `short_login`: a login that expires before what is obtained with it would, and so ends that.
 * - `split_login`: a member that is used without the others that its store issues with it, such as a password without its user.
 * - `relative_program`: a store runs a program by a relative path, which depends on the working directory.
 * - `frequent_program`: a store runs a program again within a minute, whenever its credential is asked for.
 * - `misspelled_member`: a member of a local document whose name is nearly that of a required one that the document
 *   lacks.
 * - `set_in_part`: a store has only part of an identity, and another store's is used instead; reported by `check`, not
 *   by `lint`.
 * - `mixed_names`: an identity whose fields are read from names of several generations, such as a new user with an old
 *   password; reported by `check`, not by `lint`.
 * - `unshared`: a store that cannot share its tokens now, because of its engine or its seal; reported by `check`, not
 *   by `lint`.
 *
 * @example Accept one rule
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { lint, type LintRule } from "@alphaswarm/credentials/report";
 *
 * const accepted: ReadonlySet<LintRule> = new Set(["unreachable"]);
 * const chain = defineChain({
 *   stores: { env: env({ priority: 200 }), spare: env({ priority: 100 }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { env: { prefix: "DB_" } } },
 *   },
 * });
 * console.log(lint(chain).filter(({ rule }) => !accepted.has(rule))); // []
 * ```
 * @category Reports
 */
export type LintRule =
  | "shadowed"
  | "unreachable"
  | "unmapped"
  | "short_form"
  | "path_notation"
  | "loose_mode"
  | "conflicting_values"
  | "ignored_file"
  | "missing_directory"
  | "set_in_part"
  | "plaintext"
  | "unshared"
  | "short_login"
  | "split_login"
  | "relative_program"
  | "frequent_program"
  | "misspelled_member"
  | "mixed_names";

/**
 * One finding in a chain that compiles.
 *
 * @example As a warning of GitHub Actions
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { type Finding, lint } from "@alphaswarm/credentials/report";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 200 }), spare: env({ priority: 100 }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { env: { prefix: "DB_" } } },
 *   },
 * });
 * const warning = ({ rule, path, message }: Finding) =>
 *   `::warning title=${rule}::${path}: ${message}`;
 * console.log(lint(chain).map(warning).join("\n"));
 * // ::warning title=unreachable::stores.spare: No credential maps it: …
 * ```
 * @category Reports
 */
export interface Finding {
  /** Which rule it breaks. */
  readonly rule: LintRule;
  /** Where in the chain. */
  readonly path: string;
  /** What was found, and how to fix it. */
  readonly message: string;
  /** The credential's key, if the finding is about one. */
  readonly key?: string;
}

/** Reports a finding: its path below the credential, and what was found. */
export type ReportFinding = (rule: LintRule, at: string, message: string) => void;
