import type { Command, CommandOption } from "./command.ts";
import { DEFAULT_CONFIG } from "./load_chain.ts";
import { MAX_LINE_WIDTH, wrap } from "./wrap.ts";

/** The options of every command. */
export const commonOptions: Readonly<Record<string, CommandOption>> = {
  config: { type: "string", value: "FILE", help: `Path of the chain's module (default: ${DEFAULT_CONFIG})` },
  json: { type: "boolean", help: "Print JSON" },
  help: { type: "boolean", help: "Print this help" },
};

const EXIT_CODES =
  "Exit codes: 0 for success, 1 for a problem found, 2 for a command line or a chain that cannot be used.";

/** Formats the list of commands. */
export function overviewText(commands: readonly Command[]): string {
  return [
    "Shows which credential is in use and where it comes from.",
    "",
    "Usage: COMMAND [options]",
    "",
    ...rows(commands.map(({ name, args, summary }) => [args ? `${name} ${args}` : name, summary])),
    "",
    ...rows(optionRows(commonOptions)),
    "",
    "For details, run COMMAND --help. No command prints a value of a credential.",
    wrap(EXIT_CODES, MAX_LINE_WIDTH),
  ].join("\n");
}

/** Formats the help of one command. */
export function helpText({ name, args, summary, help, options }: Command): string {
  return [
    wrap(`${summary}.`, MAX_LINE_WIDTH),
    "",
    `Usage: ${args ? `${name} ${args}` : name} [options]`,
    "",
    wrap(help, MAX_LINE_WIDTH),
    "",
    ...rows(optionRows({ ...options, ...commonOptions })),
    "",
    wrap(EXIT_CODES, MAX_LINE_WIDTH),
  ].join("\n");
}

type Row = readonly [string, string];

function optionRows(options: Readonly<Record<string, CommandOption>>): readonly Row[] {
  return Object.entries(options).map(([name, { value, help }]) => [`--${name}${value ? ` ${value}` : ""}`, help]);
}

function rows(all: readonly Row[]): readonly string[] {
  const width = Math.max(...all.map(([left]) => left.length));
  return all.map(([left, right]) => wrap(right, MAX_LINE_WIDTH, `  ${left.padEnd(width)}  `));
}
