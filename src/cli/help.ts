import type { Command, CommandOption } from "./command.ts";
import { DEFAULT_CONFIG } from "./config_path.ts";
import type { Terminal } from "./terminal.ts";
import { MAX_HELP_WIDTH, wrap } from "./wrap.ts";

/** The options of every command. */
export const commonOptions: Readonly<Record<string, CommandOption>> = {
  config: { type: "string", value: "FILE", help: `Path of the chain's module (default: ${DEFAULT_CONFIG})` },
  json: { type: "boolean", help: "Print JSON" },
  help: { type: "boolean", help: "Print this help" },
};

const VERSION_OPTION: CommandOption = { type: "boolean", help: "Print the version of the package" };

const EXIT_CODES =
  "Exit codes: 0 for success, 1 for a problem found, 2 for a command line or a chain that cannot be used.";

/** Where help is printed. */
type HelpPlace = Pick<Terminal, "program" | "width">;

/** Formats the list of commands. */
export function overviewText(commands: readonly Command[], place: HelpPlace): string {
  const width = widthOf(place);
  return [
    wrap("Shows which credential is in use and where it comes from.", width),
    "",
    wrap(`Usage: ${place.program}COMMAND [options]`, width),
    "",
    wrap("To begin: init SERVICE… writes a chain, and describe shows what it finds.", width),
    "",
    ...rows(commands.map(({ name, args, summary }) => [args ? `${name} ${args}` : name, summary]), width),
    "",
    ...rows(optionRows({ ...commonOptions, version: VERSION_OPTION }), width),
    "",
    wrap("For details, run COMMAND --help. No command prints a value of a credential.", width),
    wrap(EXIT_CODES, width),
  ].join("\n");
}

/** Formats the help of one command. */
export function helpText({ name, args, summary, help, options }: Command, place: HelpPlace): string {
  const width = widthOf(place);
  return [
    wrap(`${summary}.`, width),
    "",
    wrap(`Usage: ${place.program}${args ? `${name} ${args}` : name} [options]`, width),
    "",
    wrap(help, width),
    "",
    ...rows(optionRows({ ...options, ...commonOptions }), width),
    "",
    wrap(EXIT_CODES, width),
  ].join("\n");
}

type Row = readonly [string, string];

function optionRows(options: Readonly<Record<string, CommandOption>>): readonly Row[] {
  return Object.entries(options).map(([name, { value, help }]) => [`--${name}${value ? ` ${value}` : ""}`, help]);
}

function rows(all: readonly Row[], lineWidth: number): readonly string[] {
  const width = Math.max(...all.map(([left]) => left.length));
  return all.map(([left, right]) => wrap(right, lineWidth, `  ${left.padEnd(width)}  `));
}

function widthOf({ width }: HelpPlace): number {
  return Math.min(width, MAX_HELP_WIDTH);
}
