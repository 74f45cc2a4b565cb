import { MINUTE } from "../../core/chain/limits.ts";
import { mistyped, namesOf } from "../../core/chain/option_types.ts";
import { onlyMembers } from "../../core/source/mapping.ts";
import type { Complain } from "../../core/source/reader.ts";

/** The least values of a lease and of a timeout, in milliseconds. */
const LEAST: Readonly<Record<string, number>> = { lease: 500, timeout: 50 };

/**
 * Reports the options of an engine that are unknown or do not fit.
 *
 * @param options The options.
 * @param own The engine's own options, each with its type; if it lists none, any option is allowed.
 * @param path The path of the options.
 * @param complain Reports a mistake.
 */
export function checkShareOptions(
  options: object,
  own: Readonly<Record<string, string>> | undefined,
  path: string,
  complain: Complain,
): void {
  const given = options as Readonly<Record<string, unknown>>;
  for (const [name, least] of Object.entries(LEAST)) {
    const ms = given[name] as number;
    if (ms === undefined || typeof ms === "number" && ms >= least && ms <= MINUTE) continue;
    complain(`${path}.${name}`, `Expected a number of milliseconds from ${least} to ${MINUTE}`);
  }
  if (!own) return;
  // Hint: no store has an option that is a function, so that type has no name.
  for (const [name, expected = "a function"] of mistyped(given, own)) {
    complain(`${path}.${name}`, `Expected ${expected}`);
  }
  onlyMembers(
    given,
    ["credential", "seal", "principal", "lease", "timeout", ...namesOf(own)],
    `${path}.`,
    complain,
    "option",
  );
}
