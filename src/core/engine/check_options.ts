import { namesOf } from "../chain/option_types.ts";
import { isFlag } from "../chain/reference.ts";
import { onlyMembers } from "../source/mapping.ts";
import type { Complain } from "../source/reader.ts";
import type { StorePlan } from "../source/source.ts";

const TIMES = ["recheck", "timeout"];
const TOKEN_TIMES = ["advisoryWindow", "defaultLifetime"];
const OTHERS = ["priority", "enabled", "onIncomplete", "onDenied", "onInvalid", "onUnavailable"];

/** Reports the options of a store that are not known, and those of a wrong type that would pass unnoticed. */
export function checkOptions({ name, options, spec, shape: { issued } }: StorePlan, complain: Complain): void {
  const path = `stores.${name}`;
  const { priority, enabled = true } = options;
  if (!Number.isFinite(priority)) complain(`${path}.priority`, "Expected a finite number");
  if (typeof enabled !== "boolean" && !isFlag(enabled)) {
    complain(`${path}.enabled`, "Expected true, false or a flag, such as flag() returns");
  }
  for (const time of [...TIMES, ...TOKEN_TIMES]) {
    const value = options[time];
    if (value !== undefined && !(typeof value === "number" && value >= 0)) {
      complain(`${path}.${time}`, "Expected a number of milliseconds, 0 or more");
    }
  }
  if (!spec.options) return;
  const known = [...namesOf(spec.options), ...spec.needs ?? [], ...TIMES, ...OTHERS];
  onlyMembers(options, issued ? [...known, ...TOKEN_TIMES, "onExpired"] : known, path, complain, "option");
}
