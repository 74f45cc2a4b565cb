import type { ChainDescription } from "../core/engine/describe.ts";
import type { PlannedSource } from "../core/engine/verdict.ts";
import { partsOf } from "../core/source/locator.ts";
import type { Finding, ReportFinding } from "./finding.ts";

/** Finds the logins that live shorter than what is obtained with them, as far as both are held. */
export function lintLogins({ credentials }: ChainDescription): readonly Finding[] {
  return credentials.flatMap(({ key, held }): Finding | [] => {
    if (held?.endsWith === undefined) return [];
    return {
      rule: "short_login",
      path: `credentials["${key}"].from.${held.source}`,
      message: `Ends with "${held.endsWith}", which lives shorter than it would: let that live longer, or this shorter`,
      key,
    };
  });
}

// Hint: each secret of a database has a user of its own, which no other store knows.
/** Finds the mapping of a dynamic secret that takes its password and not its user. */
export function lintSplitLogin({ store, reader }: PlannedSource, place: string, report: ReportFinding): void {
  const members = reader.reads.flatMap(partsOf).map((part) => part.replace(/^\//, ""));
  if (store.spec.kind !== "vaultDynamic" || !members.includes("password") || members.includes("username")) return;
  report(
    "split_login",
    `${place}.fields`,
    `Takes the password of "${store.name}" and not its username, which is another one each time: map that to a required field`,
  );
}
