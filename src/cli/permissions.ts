import { permissions } from "../report/permissions.ts";
import type { Command } from "./command.ts";
import { WIDTH, wrap } from "./wrap.ts";

/** `permissions`: what the chain needs of the runtime. */
export const permissionsCommand: Command = {
  name: "permissions",
  summary: "Print the smallest Deno flags that the chain needs",
  help: "It prints them in one line for a POSIX shell, with the chain's flags and references as they are now; what " +
    "isn't in it goes to standard error.",
  async run({ terminal, json, loadChain }) {
    const report = permissions(await loadChain());
    if (json) terminal.print(JSON.stringify(report, null, 2));
    else {
      terminal.print(report.flags);
      for (const note of report.notes) terminal.warn(wrap(note, WIDTH));
    }
    return 0;
  },
};
