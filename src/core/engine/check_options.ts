import { namesOf } from "../chain/option_types.ts";
import { isFlag, isReference, type Reference } from "../chain/reference.ts";
import { onlyMembers } from "../source/mapping.ts";
import type { Complain } from "../source/reader.ts";
import type { StorePlan } from "../source/source.ts";

/** Reports the options of a store that are not known or do not fit, and a priority or a switch of the wrong kind. */
export function checkOptions({ name, options, spec, shape: { issued } }: StorePlan, complain: Complain): void {
  const path = `stores.${name}.`;
  const { priority, enabled = true } = options;
  if (!Number.isFinite(priority)) complain(`${path}priority`, "Expected a finite number");
  if (typeof enabled !== "boolean" && !isFlag(enabled)) {
    complain(`${path}enabled`, "Expected true, false or a flag, such as flag() returns");
  }
  for (const [option, check] of Object.entries(spec.checks ?? {})) {
    const value = options[option];
    // Hint: a blank fallback means that the variable must be set.
    const given = isReference(value) ? (value as Reference).fallback || undefined : value;
    const problem = given === undefined ? undefined : check(given);
    if (problem) complain(path + option, problem);
  }
  const times = ["recheck", "timeout", ...issued ? ["advisoryWindow", "defaultLifetime"] : []];
  const policies = ["onIncomplete", "onDenied", "onInvalid", "onUnavailable", ...issued ? ["onExpired"] : []];
  for (const option of [...times, ...policies]) {
    if (isReference(options[option])) complain(path + option, "Expected a value: only texts can be references");
  }
  if (!spec.options) return;
  const known = [...namesOf(spec.options), ...spec.needs ?? [], ...times, "priority", "enabled", ...policies];
  onlyMembers(options, known, path, complain, "option");
}
