import type { Command, CommandOption } from "./command.ts";
import { DEFAULT_CONFIG } from "./config_path.ts";
import { MAX_LINE_WIDTH, wrap } from "./wrap.ts";

/** The options of every command. */
export const commonOptions: Readonly<Record<string, CommandOption>> = {
  config: { type: "string", value: "FILE", help: `Path of the chain's module (default: ${DEFAULT_CONFIG})` },
  json: { type: "boolean", help: "Print JSON" },
  help: { type: "boolean", help: "Print this help" },
};

const EXIT_CODES =
  "Exit codes: 0 for success, 1 for a problem found, 2 for a command line or a chain that cannot be used.";

/** Formats the list of commands, with what is typed before the name of one. */
export function overviewText(commands: readonly Command[], program: string): string {
  return [
    "Shows which credential is in use and where it comes from.",
    "",
    `Usage: ${program}COMMAND [options]`,
    "",
    ...rows(commands.map(({ name, args, summary }) => [args ? `${name} ${args}` : name, summary])),
    "",
    ...rows(optionRows(commonOptions)),
    "",
    "For details, run COMMAND --help. No command prints a value of a credential.",
    wrap(EXIT_CODES, MAX_LINE_WIDTH),
  ].join("\n");
}

/** Formats the help of one command, with what is typed before its name. */
export function helpText({ name, args, summary, help, options }: Command, program: string): string {
  return [
    wrap(`${summary}.`, MAX_LINE_WIDTH),
    "",
    `Usage: ${program}${args ? `${name} ${args}` : name} [options]`,
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
