import { list } from "../chain/errors.ts";
import { COMMON_ISSUED_OPTIONS, COMMON_OPTIONS, namesOf } from "../chain/option_types.ts";
import { isFlag, isReference, type Reference } from "../chain/reference.ts";
import { needNames } from "../chain/store_kind.ts";
import { onlyMembers } from "../source/mapping.ts";
import type { Complain } from "../source/reader.ts";
import type { StorePlan } from "../source/source.ts";

/** Reports the options of a store that are unknown or do not fit, and a priority or a switch of the wrong type. */
export function checkOptions({ name, options, spec, shape: { issued } }: StorePlan, complain: Complain): void {
  const path = `stores.${name}.`;
  const { priority, enabled = true } = options;
  if (!Number.isFinite(priority)) complain(path + "priority", "Expected a finite number");
  // Hint: `flat` allocates, and most stores have no list.
  if (typeof enabled !== "boolean" && ![enabled].flat().every((each) => typeof each === "boolean" || isFlag(each))) {
    complain(path + "enabled", "Expected true, false or a flag, such as flag() returns");
  }
  if (spec.anyOf?.every((option) => options[option] === undefined)) {
    complain(`stores.${name}`, `Expected ${list(spec.anyOf, "or")}`);
  }
  if (spec.checks) checkValues(options, spec.checks, path, complain);
  spec.mistakes?.(options).forEach(([option, problem]) => complain(path + option, problem));
  const common = issued ? COMMON_ISSUED_OPTIONS : COMMON_OPTIONS;
  for (const option of common) {
    // Hint: the options that begin with "on" are strings, all others numbers.
    const fitting = option[0] === "o" ? "" : 0;
    // Hint: these two were checked above.
    const wasChecked = option === "priority" || option === "enabled";
    if (!wasChecked && typeof (options[option] ?? fitting) !== typeof fitting) {
      complain(path + option, `Expected a ${typeof fitting}`);
    }
  }
  // Hint: most stores have only the common options.
  if (!spec.options || Object.keys(options).every((option) => common.includes(option))) return;
  const known = [...namesOf(spec.options), ...needNames(spec), ...common, ...spec.share ? ["share"] : []];
  onlyMembers(options, known, path, complain, "option");
}

/** Reports the values that a store's checks refuse, in its options or in the parameters of a mapping. */
export function checkValues(
  values: Readonly<Record<string, unknown>>,
  checks: NonNullable<StorePlan["spec"]["checks"]>,
  path: string,
  complain: Complain,
): void {
  for (const [name, check] of Object.entries(checks)) {
    const value = values[name];
    // Hint: a blank fallback leaves the option out.
    const given = isReference(value) ? (value as Reference).fallback || undefined : value;
    const problem = given !== undefined && check(given);
    if (problem) complain(path + name, problem);
  }
}
