import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { type ErrorGroup, errorGroups } from "../report/guidance/error_groups.ts";
import type { Hints } from "../report/guidance/hints.ts";
import type { Style } from "./style.ts";
import { labelled } from "./wrap.ts";

/**
 * Formats why stores cannot give credentials that they have, and how to fix it. Credentials that fail because one of
 * their stores needs another one are named with that one.
 *
 * @param failed The credentials, whose last walks ended with an error.
 * @param description The description that they are part of.
 * @param hints What is known about the chain besides the description.
 * @param style How it is formatted.
 * @returns The lines, joined; credentials with the same error are named together.
 */
export function errorsText(
  failed: readonly CredentialDescription[],
  description: ChainDescription,
  hints: Hints,
  style: Style,
): string {
  const groups = errorGroups(failed, description, hints);
  const heading = ({ keys, dependants }: ErrorGroup) =>
    `${keys.join(", ")}${dependants.length > 0 ? `, and so ${dependants.join(", ")}` : ""}`;
  const label = Math.max("fix".length, ...groups.flatMap(({ lines }) => lines.map(([label]) => label.length)));
  return groups.flatMap((group) => [
    style.paint("bad", labelled("error", heading(group), { indent: "  ", label: label + 2, width: style.width })),
    ...group.lines.map(([name, text]) =>
      text.split("\n").map((line, at) =>
        labelled(at === 0 ? name : "", line, { indent: "    ", label, width: style.width })
      ).join("\n")
    ),
  ]).join("\n");
}
