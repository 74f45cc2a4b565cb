import { ChainError } from "../core/chain/errors.ts";
import { correction } from "../core/chain/unknown_name.ts";
import { checkCommand } from "./check.ts";
import { type Command, UsageError } from "./command.ts";
import { describeCommand } from "./describe.ts";
import { explainCommand } from "./explain.ts";
import { helpText, overviewText } from "./help.ts";
import { DEFAULT_CONFIG, loadChain } from "./load_chain.ts";
import { parseArguments } from "./parse_arguments.ts";
import { permissionsCommand } from "./permissions.ts";
import { persistCommand } from "./persist.ts";
import { quoted } from "./quoted.ts";
import { serveCommand } from "./serve.ts";
import type { Terminal } from "./terminal.ts";
import { thrownText } from "./thrown.ts";

/** The commands, in the order in which the help lists them. */
export const commands: readonly Command[] = [
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
    if (error instanceof UsageError) terminal.warn(error.message);
    else if (error instanceof ChainError) terminal.warn(`Cannot use the chain:\n${error.message}`);
    // Hint: code of the chain threw it, such as a store's own permissions().
    else terminal.warn(`Cannot use the chain: ${thrownText(error)}`);
    return 2;
  }
}

async function dispatch(terminal: Terminal): Promise<number> {
  const [name, ...args] = terminal.args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const write = name === undefined ? terminal.warn : terminal.print;
    write(overviewText(commands));
    return name === undefined ? 2 : 0;
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
    terminal.print(helpText(command));
    return 0;
  }
  const config = typeof values.config === "string" ? values.config : DEFAULT_CONFIG;
  return await command.run({
    terminal,
    positionals,
    values,
    json: values.json === true,
    loadChain: () => loadChain(config),
  });
}
