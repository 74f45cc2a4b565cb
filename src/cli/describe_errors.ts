import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { errorLines } from "../report/guidance/error_lines.ts";
import { grouped } from "../report/guidance/grouped.ts";
import type { Hints } from "../report/guidance/hints.ts";
import { failuresOf } from "../report/needs.ts";
import type { Style } from "./style.ts";
import { labelled } from "./wrap.ts";

/**
 * Formats why credentials cannot be given by a store that has them, and how to fix it. Those that fail because of another
 * one, which a store of theirs needs, are named with that.
 *
 * @param failed The credentials, whose last walks ended with an error.
 * @param description The description that they are part of.
 * @param hints What is known of the chain beside the description.
 * @param style How it is formatted.
 * @returns The lines, joined; credentials with the same error are named together.
 */
export function errorsText(
  failed: readonly CredentialDescription[],
  description: ChainDescription,
  hints: Hints,
  style: Style,
): string {
  const failures = failuresOf(failed, description);
  const all = grouped(failures.map(({ credential }) => credential), (each) => errorLines(each, description, hints));
  const heading = (keys: readonly string[]) => {
    const own = failures.filter(({ credential: { key } }) => keys.includes(key));
    const others = own.flatMap(({ dependants }) => dependants);
    return `${keys.join(", ")}${others.length > 0 ? `, and so ${others.join(", ")}` : ""}`;
  };
  const label = Math.max("fix".length, ...all.flatMap(({ told }) => told.map(([label]) => label.length)));
  return all.flatMap(({ keys, told }) => [
    style.paint("bad", labelled("error", heading(keys), { indent: "  ", label: label + 2, width: style.width })),
    ...told.map(([name, text]) =>
      text.split("\n").map((line, at) =>
        labelled(at === 0 ? name : "", line, { indent: "    ", label, width: style.width })
      ).join("\n")
    ),
  ]).join("\n");
}
