import type { ChainDescription } from "../core/engine/describe.ts";
import { createResolver } from "../core/engine/create_resolver.ts";
import { survey } from "../report/survey.ts";
import { tokenFrom } from "./arguments.ts";
import type { Command } from "./command.ts";
import { countLine, rate } from "../report/guidance/counts.ts";
import { credentialsTable, fieldsTable } from "./describe_credentials.ts";
import { errorsText } from "./describe_errors.ts";
import { needsText } from "./describe_needs.ts";
import { storesText } from "./describe_stores.ts";
import { supplyText } from "./describe_supply.ts";
import { switchesText } from "./describe_switches.ts";
import { type Hints, remoteHints } from "../report/guidance/hints.ts";
import { localHints } from "./local_hints.ts";
import { sections } from "./sections.ts";
import { type Style, styleOf } from "./style.ts";
import { wrap } from "./wrap.ts";

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
    fields: { type: "boolean", help: "Print the fields of each credential too" },
    "token-env": { type: "string", value: "NAME", help: "Environment variable that holds the token of that route" },
  },
  async run({ terminal, values, json, loadChain }) {
    const style = { ...styleOf(terminal), fields: values.fields === true, program: terminal.program };
    const print = (description: ChainDescription, hints: () => Hints) => {
      terminal.print(json ? JSON.stringify(description, null, 2) : describeText(description, hints(), style));
      return 0;
    };
    if (typeof values.url === "string") {
      const { readRemote } = await import("./remote.ts");
      return print(await readRemote(values.url, await tokenFrom(values["token-env"])), remoteHints);
    }
    const resolver = createResolver(await loadChain());
    await survey(resolver);
    const description = resolver.describe();
    return print(description, () => localHints(resolver, description));
  },
};

interface DescribeStyle extends Style {
  /** Whether to print the fields of the credentials. */
  readonly fields: boolean;
  /** What is typed before the name of a command. */
  readonly program: string;
}

function describeText(description: ChainDescription, hints: Hints, style: DescribeStyle): string {
  const rated = rate(description, hints);
  const withWord = (word: string) => rated.filter(({ status }) => status.word === word).map((each) => each.credential);
  const [failed, missing] = [withWord("error"), withWord("missing")];
  const stores = new Set(description.stores.map(({ name }) => name));
  const isNew = rated.every(({ status }) => status.word === "missing" || status.word === "off");
  const count = wrap(countLine(rated), style.width);
  const table = credentialsTable(rated, style);
  const supply = isNew
    ? "Nothing is set up yet: for each credential you need, do one of the following"
    : "To supply the missing ones, do one of the following for each";
  return sections([
    // Hint: the count is the table's heading, unless the errors are between them.
    ["", failed.length > 0 ? count : `${count}\n${table}`],
    ["Errors", errorsText(failed, description, hints, style)],
    ["Credentials", failed.length > 0 ? table : ""],
    ["What their stores need", needsText(description, hints, style)],
    ["Fields", style.fields ? fieldsTable(description, style) : ""],
    [supply, supplyText(missing, description, hints, style)],
    ["To switch on", switchesText(stores, description, hints, style)],
    [
      "Stores, in the order they are asked: kind, priority, and what may be set",
      `${storesText(description, hints, style)}\n${style.paint("faint", wrap(moreText(style), style.width))}`,
    ],
  ], style);
}

/** Says what to type for more, in one line if possible. */
function moreText({ program, width }: DescribeStyle): string {
  const text = `Fields: ${program}describe --fields. One credential: ${program}explain KEY.`;
  return text.length <= width ? text : `More: ${program}describe --fields, or ${program}explain KEY.`;
}
