import type { ChainDescription } from "../describe.ts";
import { createResolver } from "../resolver.ts";
import { survey } from "../report/survey.ts";
import type { Command } from "./command.ts";
import { credentialsTable, LEGEND } from "./describe_credentials.ts";
import { missingParts } from "./describe_missing.ts";
import { storesTable } from "./describe_stores.ts";
import { type Places, placesOf } from "./places.ts";
import { type Paint, paint } from "./style.ts";
import { tokenFrom } from "./token_option.ts";

/** `describe`: the chain, and who serves what. */
export const describeCommand: Command = {
  name: "describe",
  summary: "Print the chain: its stores in order, its credentials, and who serves them",
  help: "It asks the stores that need no network, and prints what they said, never a value. That nobody has a " +
    "credential is no error here: it says what is missing and how to supply it. `check` makes it one.",
  options: {
    url: {
      type: "string",
      value: "URL",
      help: "Print what the describe route at this address says, of another process",
    },
    "token-env": { type: "string", value: "NAME", help: "The variable that holds the token of that route" },
  },
  async run({ terminal, values, json, loadChain }) {
    if (typeof values.url === "string") {
      const { readRemote } = await import("./remote.ts");
      const description = await readRemote(values.url, await tokenFrom(values["token-env"]));
      terminal.print(
        json ? JSON.stringify(description, null, 2) : describeText(description, {}, paint(terminal.color)),
      );
      return 0;
    }
    const chain = await loadChain();
    const resolver = createResolver(chain);
    await survey(resolver);
    const description = resolver.describe();
    terminal.print(
      json
        ? JSON.stringify(description, null, 2)
        : describeText(description, placesOf(chain, description), paint(terminal.color)),
    );
    return 0;
  },
};

/**
 * A description as it is printed for a person.
 *
 * @param description The description.
 * @param places Where stores keep their documents, where that is known.
 * @param paint Colours it.
 * @returns The lines, joined; none is wider than 80 characters.
 */
export function describeText(description: ChainDescription, places: Places, paint: Paint): string {
  return [
    paint("strong", "Stores, in the order they are asked"),
    storesTable(description.stores, paint),
    "",
    paint("strong", "Credentials"),
    credentialsTable(description, paint),
    "",
    paint("faint", `  ${LEGEND}`),
    ...missingParts(description, places, paint),
  ].join("\n");
}
