import { ChainError, type Problem } from "../chain/errors.ts";
import { namesOf } from "../chain/option_types.ts";
import { isFlag, isReference, type Reference } from "../chain/reference.ts";
import { correction } from "../chain/unknown_name.ts";
import { onlyMembers } from "../source/mapping.ts";
import type { Complain } from "../source/reader.ts";
import type { StorePlan } from "../source/source.ts";

/**
 * Runs what reports mistakes in a chain.
 *
 * @param run Does the work, and reports each mistake that it finds.
 * @returns What it returned.
 * @throws {ChainError} Lists every mistake that was reported.
 */
export function reporting<T>(run: (complain: Complain) => T): T {
  const problems: Problem[] = [];
  const result = run((path, message, unknown) => {
    problems.push({ path, message: message + (unknown ? correction(unknown) : "") });
  });
  if (problems.length > 0) throw new ChainError(problems);
  return result;
}

/** The options of every store. */
const EVERY = ["recheck", "timeout", "priority", "enabled", "onIncomplete", "onDenied", "onInvalid", "onUnavailable"];

/** Reports the options of a store that are not known or do not fit, and a priority or a switch of the wrong kind. */
export function checkOptions({ name, options, spec, shape: { issued } }: StorePlan, complain: Complain): void {
  const path = `stores.${name}.`;
  const { priority, enabled = true } = options;
  if (!Number.isFinite(priority)) complain(path + "priority", "Expected a finite number");
  if (typeof enabled !== "boolean" && !isFlag(enabled)) {
    complain(path + "enabled", "Expected true, false or a flag, such as flag() returns");
  }
  for (const [option, check] of Object.entries(spec.checks ?? {})) {
    const value = options[option];
    // Hint: a blank fallback means that the variable must be set.
    const given = isReference(value) ? (value as Reference).fallback || undefined : value;
    const problem = given === undefined ? undefined : check(given);
    if (problem) complain(path + option, problem);
  }
  const common = issued
    ? [...EVERY.slice(0, 2), "advisoryWindow", "defaultLifetime", ...EVERY.slice(2), "onExpired"]
    : EVERY;
  for (const option of common) {
    const isChecked = option === "priority" || option === "enabled";
    if (!isChecked && isReference(options[option])) {
      complain(path + option, "Expected a value: only texts can be references");
    }
  }
  // Hint: most stores have only options that every store has.
  if (!spec.options || Object.keys(options).every((option) => common.includes(option))) return;
  onlyMembers(options, [...namesOf(spec.options), ...spec.needs ?? [], ...common], path, complain, "option");
}
