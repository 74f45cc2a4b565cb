import { permissions } from "../report/permissions.ts";
import type { Command } from "./command.ts";
import { wrap } from "./wrap.ts";

/** `permissions`: the Deno flags that the chain needs. */
export const permissionsCommand: Command = {
  name: "permissions",
  summary: "Print the smallest Deno flags that the chain needs",
  help:
    "Prints the flags in one line for a POSIX shell, for the stores that are on with the current environment. What " +
    "the flags do not cover is printed to standard error.",
  async run({ terminal, json, loadChain }) {
    const report = permissions(await loadChain());
    if (json) terminal.print(JSON.stringify(report, null, 2));
    else {
      terminal.print(report.flags);
      for (const note of report.notes) terminal.warn(wrap(note, terminal.width));
    }
    return 0;
  },
};
