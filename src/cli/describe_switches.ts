import type { ChainDescription } from "../core/engine/describe.ts";
import type { Hints } from "../report/guidance/hints.ts";
import { waysToSwitchOn } from "../report/guidance/switching_on.ts";
import { labelWidth, wayLines } from "./describe_supply.ts";
import type { Style } from "./style.ts";
import { labelled, wrap } from "./wrap.ts";

/**
 * Formats all that it takes to switch stores on.
 *
 * @param names The stores; only those that are off count.
 * @param description The description that they are part of.
 * @param hints What is known about the chain besides the description.
 * @param style How it is formatted.
 * @returns The lines, joined; nothing if none of these stores can be switched on.
 */
export function switchesText(
  names: ReadonlySet<string>,
  description: ChainDescription,
  hints: Hints,
  { paint, width }: Style,
): string {
  const switches = waysToSwitchOn(names, description, hints);
  const way = Math.max(
    labelWidth(switches.flatMap(({ supplied }) => supplied.flatMap(({ ways }) => ways))),
    ...switches.map(({ name }) => name.length - 2),
  );
  return switches.flatMap(({ name, set, supplied }) => {
    const text = labelled(name, set, { indent: "  ", label: way + 2, width });
    return [
      text.replace(name, (name) => paint("strong", name)),
      ...supplied.flatMap(({ key, ways }) => [
        ...supplied.length > 1 ? [wrap(`${key} by`, width, "    ")] : [],
        ...wayLines(ways, { indent: "    ", label: way, width }),
      ]),
    ];
  }).join("\n");
}
