import type { Command, CommandOption } from "./command.ts";
import { DEFAULT_CONFIG } from "./load_chain.ts";
import { WIDTH, wrap } from "./wrap.ts";

const COMMON: Readonly<Record<string, CommandOption>> = {
  config: { type: "string", value: "FILE", help: `The module of the chain; ${DEFAULT_CONFIG} unless given` },
  json: { type: "boolean", help: "Print JSON" },
  help: { type: "boolean", help: "Print this" },
};

const EXIT_CODES = "Exit codes: 0; 1 for a finding; 2 for a command or a chain that can't be used.";

/** What there is: every command in a line. */
export function overviewText(commands: readonly Command[]): string {
  return [
    "Which credential is used now, and where it comes from.",
    "",
    "Usage: COMMAND [options]",
    "",
    ...rows(commands.map(({ name, args, summary }) => [args ? `${name} ${args}` : name, summary])),
    "",
    ...rows(optionRows(COMMON)),
    "",
    "COMMAND --help says more. No command ever prints a value.",
    wrap(EXIT_CODES, WIDTH),
  ].join("\n");
}

/** Everything about one command. */
export function helpText({ name, args, summary, help, options }: Command): string {
  return [
    wrap(`${summary}.`, WIDTH),
    "",
    `Usage: ${args ? `${name} ${args}` : name} [options]`,
    "",
    wrap(help, WIDTH),
    "",
    ...rows(optionRows({ ...options, ...COMMON })),
    "",
    wrap(EXIT_CODES, WIDTH),
  ].join("\n");
}

type Row = readonly [string, string];

function optionRows(options: Readonly<Record<string, CommandOption>>): readonly Row[] {
  return Object.entries(options).map(([name, { value, help }]) => [`--${name}${value ? ` ${value}` : ""}`, help]);
}

function rows(all: readonly Row[]): readonly string[] {
  const width = Math.max(...all.map(([left]) => left.length));
  return all.map(([left, right]) => wrap(right, WIDTH, `  ${left.padEnd(width)}  `));
}
