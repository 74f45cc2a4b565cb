import { correction } from "../core/chain/unknown_name.ts";
import { checkCommand } from "./check.ts";
import { type Command, UsageError } from "./command.ts";
import { describeCommand } from "./describe.ts";
import { explainCommand } from "./explain.ts";
import { helpText, overviewText } from "./help.ts";
import { DEFAULT_CONFIG } from "./config_path.ts";
import { initCommand } from "./init.ts";
import { loadChain } from "./load_chain.ts";
import { messageOf } from "./message_of.ts";
import { parseArguments } from "./parse_arguments.ts";
import { permissionsCommand } from "./permissions.ts";
import { persistCommand } from "./persist.ts";
import { quoted } from "./quoted.ts";
import { serveCommand } from "./serve.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";
import { wrap } from "./wrap.ts";

/** The commands, in the order in which the help lists them. */
export const commands: readonly Command[] = [
  initCommand,
  describeCommand,
  explainCommand,
  checkCommand,
  permissionsCommand,
  persistCommand,
  serveCommand,
];

/**
 * Runs a command line.
 *
 * @param terminal Its arguments, standard input and output.
 * @returns The exit code: 0 for success, 1 for a problem found, 2 for a command line or a chain that cannot be used.
 */
export async function run(terminal: Terminal): Promise<number> {
  try {
    return await dispatch(terminal);
  } catch (error) {
    complain(terminal, messageOf(error));
    return 2;
  }
}

// Hint: logs are searched for whole phrases, so only a terminal gets wrapped lines.
function complain({ stderrIsTerminal, width, warn }: Terminal, message: string): void {
  warn(stderrIsTerminal ? message.split("\n").map((line) => wrap(line, width)).join("\n") : message);
}

async function dispatch(terminal: Terminal): Promise<number> {
  const [name, ...args] = terminal.args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const write = name === undefined ? terminal.warn : terminal.print;
    write(overviewText(commands, terminal));
    return name === undefined ? 2 : 0;
  }
  if (name === "--version") {
    terminal.print(VERSION);
    return 0;
  }
  const command = commands.find((command) => command.name === name);
  if (!command) {
    const known = commands.map(({ name }) => name);
    throw new UsageError(
      `Cannot find a command${quoted(name, known)}${correction([name, known, "commands"])}`,
    );
  }
  const { values, positionals } = parseArguments(command, args);
  if (values.help === true) {
    terminal.print(helpText(command, terminal));
    return 0;
  }
  const config = typeof values.config === "string" ? values.config : DEFAULT_CONFIG;
  return await command.run({
    terminal,
    positionals,
    values,
    json: values.json === true,
    config,
    loadChain: () => loadChain(config),
  });
}
