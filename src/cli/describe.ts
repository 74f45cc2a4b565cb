import type { ChainDescription } from "../core/engine/describe.ts";
import { createResolver } from "../core/engine/create_resolver.ts";
import { survey } from "../report/survey.ts";
import { tokenFrom } from "./arguments.ts";
import type { Command } from "./command.ts";
import { credentialsTable, LEGEND } from "./describe_credentials.ts";
import { type HintContext, hintContext, missingParts } from "./describe_missing.ts";
import { storesTable } from "./describe_stores.ts";
import { type Paint, paint } from "./style.ts";
import { withSwitches } from "./switches.ts";

/** `describe`: the chain, and which store serves each credential. */
export const describeCommand: Command = {
  name: "describe",
  summary: "Print the chain: its stores in order, its credentials, and which store serves each",
  help: "Asks the stores that need no network and prints the result, never a value. A missing credential is not an " +
    "error: the output says how to supply it, and the exit code is 0. To fail on it, use `check`.",
  options: {
    url: {
      type: "string",
      value: "URL",
      help: "Print the chain of another process, read from its describe route at this URL",
    },
    "token-env": { type: "string", value: "NAME", help: "Environment variable that holds the token of that route" },
  },
  async run({ terminal, values, json, loadChain }) {
    if (typeof values.url === "string") {
      const { readRemote } = await import("./remote.ts");
      const description = await readRemote(values.url, await tokenFrom(values["token-env"]));
      const text = () => describeText(description, { directories: {}, switches: {} }, paint(terminal.color));
      terminal.print(json ? JSON.stringify(description, null, 2) : text());
      return 0;
    }
    const chain = await loadChain();
    const resolver = createResolver(chain);
    await survey(resolver);
    const description = resolver.describe();
    const text = () => describeText(description, hintContext(chain, description), paint(terminal.color));
    terminal.print(json ? JSON.stringify(description, null, 2) : text());
    return 0;
  },
};

/**
 * Formats a description for a terminal.
 *
 * @param given The description.
 * @param context What its hints refer to.
 * @param paint Colours the text.
 * @returns Lines of at most 80 characters, joined.
 */
export function describeText(given: ChainDescription, context: HintContext, paint: Paint): string {
  const description = { ...given, stores: withSwitches(given.stores, context.switches) };
  return [
    paint("strong", "Stores, in the order they are asked"),
    storesTable(description.stores, paint),
    "",
    paint("strong", "Credentials"),
    credentialsTable(description, paint),
    "",
    paint("faint", `  ${LEGEND}`),
    ...missingParts(description, context, paint),
  ].join("\n");
}
