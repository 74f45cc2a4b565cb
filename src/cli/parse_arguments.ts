import { parseArgs } from "node:util";
import { correction } from "../core/chain/unknown_name.ts";
import { type Command, type CommandOption, UsageError } from "./command.ts";
import { commonOptions } from "./help.ts";
import { quoted } from "./quoted.ts";

/** The options and the arguments of a command line. */
interface ParsedArguments {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

// Hint: the messages of parseArgs quote what was given, and that may be a secret.
/**
 * Parses the arguments of a command.
 *
 * @param command The command.
 * @param args Its arguments.
 * @returns The values of its options, and its other arguments.
 * @throws {UsageError} If the command does not take one of them.
 */
export function parseArguments(command: Command, args: readonly string[]): ParsedArguments {
  const options: Readonly<Record<string, CommandOption>> = { ...command.options, ...commonOptions };
  const parsed = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type }]) => [name, { type, ...(name === "help" ? { short: "h" } : {}) }]),
    ),
  });
  const fail = (message: string) => new UsageError(`${message}\nSee ${command.name} --help`);
  for (const token of parsed.tokens) {
    if (token.kind === "positional" && command.args === undefined) {
      throw fail(`Unexpected argument: ${command.name} takes only options`);
    }
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) {
      const known = Object.keys(options);
      const shown = quoted(token.name, known, `'${token.rawName}'`);
      throw fail(`Unknown option${shown}${correction([token.name, known, "options"])}`);
    }
    const { value, inlineValue } = token;
    if (option.type === "boolean" && value !== undefined) throw fail(`Expected no value for --${token.name}`);
    if (option.type === "string" && (value === undefined || !inlineValue && value.startsWith("-"))) {
      throw fail(`Expected a value for --${token.name}, as in --${token.name}=${option.value}`);
    }
  }
  const { values, positionals } = parsed as unknown as ParsedArguments;
  return { values, positionals };
}
