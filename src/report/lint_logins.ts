import { list } from "../core/chain/errors.ts";
import type { ChainDescription } from "../core/engine/describe.ts";
import type { PlannedSource } from "../core/engine/verdict.ts";
import { locatorParts } from "../core/source/locator.ts";
import type { Finding, ReportFinding } from "./finding.ts";

/** Finds the logins that expire before what is obtained with them would, as far as both are held. */
export function lintLogins({ credentials }: ChainDescription): readonly Finding[] {
  return credentials.flatMap(({ key, held }): Finding | [] => {
    if (held?.endsWith === undefined) return [];
    return {
      rule: "short_login",
      path: `credentials["${key}"].from.${held.source}`,
      message:
        `Ends with "${held.endsWith}", which expires before it otherwise would: give that a longer lifetime, or this a shorter one`,
      key,
    };
  });
}

/** Finds a mapping that takes only some of the members that a store issues together. */
export function lintSplitLogin({ store, reader }: PlannedSource, place: string, report: ReportFinding): void {
  const members = reader.reads.flatMap(locatorParts).map((part) => part.replace(/^\//, ""));
  const { issuesTogether = [] } = store.spec;
  const [taken, left] = [true, false].map((isTaken) =>
    issuesTogether.filter((each) => members.includes(each) === isTaken)
  );
  if (taken!.length === 0 || left!.length === 0) return;
  report(
    "split_login",
    `${place}.fields`,
    `Takes the ${list(taken!)} of "${store.name}" but not its ${
      list(left!)
    }, which is different each time: map that to a required field`,
  );
}
