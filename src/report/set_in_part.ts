import type { Credential } from "../core/chain/credential.ts";
import type { Plan } from "../core/engine/plan.ts";
import type { Finding } from "./finding.ts";

type Resolved = Pick<Credential, "key" | "source" | "trace">;

/**
 * Finds the stores that have only part of a credential that another store gave, unless the chain itself says `"next"`
 * for that.
 */
export function setInPart({ stores }: Plan, { key, source, trace }: Resolved): readonly Finding[] {
  const expected = stores.filter(({ options }) => options.onIncomplete === "next").map(({ name }) => name);
  return trace
    .filter(({ store, outcome, role }) => outcome === "incomplete" && role === "passed" && !expected.includes(store))
    .map(({ store, missing = [] }): Finding => ({
      rule: "set_in_part",
      path: `credentials["${key}"].from.${store}`,
      message: `Only part of the identity is set (missing: ${missing.join(", ")}), so that of "${source}" is used ` +
        "instead: set the rest, or remove what is there",
      key,
    }));
}
