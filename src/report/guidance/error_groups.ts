import type { ChainDescription, CredentialDescription } from "../../core/engine/describe.ts";
import { failuresOf } from "../needs.ts";
import { errorLines, type Line } from "./error_lines.ts";
import { grouped } from "./grouped.ts";
import type { Hints } from "./hints.ts";

/** Credentials that failed in the same way, and what is said about them. */
export interface ErrorGroup {
  readonly keys: readonly string[];
  /** The keys of the credentials that fail because of these. */
  readonly dependants: readonly string[];
  readonly lines: readonly Line[];
}

/**
 * Groups failed credentials by why they failed and how to fix it. Those that fail because one of their stores needs
 * another credential are named with that one.
 *
 * @param failed The credentials, whose last walks ended with an error.
 * @param description The description that they are part of.
 * @param hints What is known about the chain besides the description.
 * @returns The groups, in the order of the credentials.
 */
export function errorGroups(
  failed: readonly CredentialDescription[],
  description: ChainDescription,
  hints: Hints,
): readonly ErrorGroup[] {
  const failures = failuresOf(failed, description);
  const roots = failures.map(({ credential }) => credential);
  return grouped(roots, (each) => errorLines(each, description, hints)).map(({ keys, told }) => ({
    keys,
    dependants: failures.filter(({ credential: { key } }) => keys.includes(key)).flatMap(({ dependants }) =>
      dependants
    ),
    lines: told,
  }));
}
