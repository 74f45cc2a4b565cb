import { namesOf } from "../chain/option_types.ts";
import { isFlag, isReference, type Reference } from "../chain/reference.ts";
import { onlyMembers } from "../source/mapping.ts";
import type { Complain } from "../source/reader.ts";
import type { StorePlan } from "../source/source.ts";

/** The options of every store. */
const STATIC = ["recheck", "timeout", "priority", "enabled", "onIncomplete", "onDenied", "onInvalid", "onUnavailable"];
/** The options of every token store. */
const ISSUED = [
  "recheck",
  "timeout",
  "advisoryWindow",
  "defaultLifetime",
  "priority",
  "enabled",
  "onIncomplete",
  "onDenied",
  "onInvalid",
  "onUnavailable",
  "onExpired",
];

/** Reports the options of a store that are not known or do not fit, and a priority or a switch of the wrong kind. */
export function checkOptions({ name, options, spec, shape: { issued } }: StorePlan, complain: Complain): void {
  const path = `stores.${name}.`;
  const { priority, enabled = true } = options;
  if (!Number.isFinite(priority)) complain(`${path}priority`, "Expected a finite number");
  if (typeof enabled !== "boolean" && !isFlag(enabled)) {
    complain(`${path}enabled`, "Expected true, false or a flag, such as flag() returns");
  }
  for (const option in spec.checks) {
    const value = options[option];
    // Hint: a blank fallback means that the variable must be set.
    const given = isReference(value) ? (value as Reference).fallback || undefined : value;
    const problem = given === undefined ? undefined : spec.checks[option]!(given);
    if (problem) complain(path + option, problem);
  }
  const common = issued ? ISSUED : STATIC;
  for (const option of common) {
    const isChecked = option === "priority" || option === "enabled";
    if (!isChecked && isReference(options[option])) {
      complain(path + option, "Expected a value: only texts can be references");
    }
  }
  // Hint: most stores have no option of their own.
  if (!spec.options || Object.keys(options).every((name) => common.includes(name))) return;
  onlyMembers(options, [...namesOf(spec.options), ...spec.needs ?? [], ...common], path, complain, "option");
}
