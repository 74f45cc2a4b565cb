import type { Programs } from "../../core/chain/host.ts";
import { type OptionTypes, wrongType } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import { isReference, type Reference } from "../../core/chain/reference.ts";
import type { Permissions, Surroundings } from "../../core/chain/store_spec.ts";
import { onWindows } from "../../core/runtime/globals.ts";
import { isPlain } from "../../core/source/data.ts";

/**
 * The program that a store runs.
 *
 * @example The variables that a program gets
 * ```ts
 * import { credentialProcess, type CommandOptions } from "@alphaswarm/credentials/exec";
 *
 * const options: CommandOptions = {
 *   command: ["aws", "configure", "export-credentials", "--format", "process"],
 *   environment: ["AWS_PROFILE", "AWS_CONFIG_FILE"],
 * };
 * // In the from of a credential: { sso: true }
 * const sso = credentialProcess({ priority: 200, ...options });
 * ```
 * @category Stores
 */
export interface CommandOptions {
  /**
   * The program and its arguments: `["gh", "auth", "token"]`. The program is an absolute path, or the name of one in the
   * absolute entries of `PATH`. There is no shell, so nothing is expanded or quoted.
   */
  readonly command: readonly [program: string, ...args: readonly string[]];
  /** The variables that the program gets besides `PATH` and `HOME`, such as `["AWS_PROFILE"]`. */
  readonly environment?: readonly string[];
}

/** The types of these options. */
export const COMMAND_TYPES: OptionTypes<CommandOptions> = { command: "object", environment: "object|undefined" };

/** The checks of these options in the chain. */
export const COMMAND_CHECKS: Readonly<Record<"command" | "environment", (value: unknown) => string | undefined>> = {
  command: commandProblem,
  environment: environmentProblem,
};

/** The size of the largest output. */
const MAX_OUTPUT_BYTES = 1_048_576;

/** The variables that a program cannot do without. */
const BASIC = ["PATH", "HOME"];
const BASIC_ON_WINDOWS = ["PATH", "HOME", "SystemRoot", "USERPROFILE", "APPDATA"];

function commandProblem(value: unknown): string | undefined {
  const isList = Array.isArray(value) && value.length > 0;
  // Hint: `every` skips the holes of a list.
  if (!isList || ![...value].every((each) => isReference(each) || typeof each === "string" && !each.includes("\0"))) {
    return 'Expected a list of texts, the program first: ["gh", "auth", "token"]';
  }
  const [program] = value;
  // Hint: a program that a variable gives can neither be reviewed nor be named in permissions.
  if (isReference(program)) return "Expected a program in the chain itself, and variables in its arguments alone";
  // Hint: a blank value is left out, and the next argument would take its place.
  if (value.some((each) => isReference(each) && (each as Reference).fallback === "")) {
    return "Expected no blank fallback: the next argument would take its place";
  }
  if (program.trim() === "") return "Expected a program before the arguments";
  if (program.includes("{}")) return "Expected {} among the arguments, not in the program";
  // Hint: Windows drops dots and spaces at the end of a name.
  if (/\.(bat|cmd)[. ]*$/i.test(program)) {
    return "Expected a program: a batch file would read its arguments as commands";
  }
  const isAbsolute = /^(\/|[a-z]:[\\/]|\\\\)/i.test(program);
  if (!isAbsolute && /[\\/]/.test(program)) return "Expected a program by its absolute path, or by its name in PATH";
}

function environmentProblem(value: unknown): string | undefined {
  const isList = Array.isArray(value) && [...value].every((each) => typeof each === "string" && /^[^=\0]+$/.test(each));
  if (!isList) return 'Expected a list of the names of variables: ["AWS_PROFILE"]';
}

/** Returns the permissions that a store needs to run its program. */
export function commandPermissions({ command, environment = [] }: CommandOptions): Permissions {
  return { run: [command[0]], env: [...basicNames(), ...environment] };
}

function basicNames(): readonly string[] {
  return onWindows() ? BASIC_ON_WINDOWS : BASIC;
}

/** What a look-up asks of a program. */
export interface Invocation {
  /** Its arguments; those of the option unless set. */
  readonly args?: readonly string[];
  /** What it gets in its environment in addition to the variables. */
  readonly given?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The program of an open store. */
export class Command {
  readonly name: string;
  readonly #options: CommandOptions;
  readonly #programs: Programs;
  readonly #surroundings: Surroundings;
  readonly #closing = new AbortController();

  constructor(options: CommandOptions, programs: Programs, surroundings: Surroundings) {
    this.name = options.command[0];
    this.#options = options;
    this.#programs = programs;
    this.#surroundings = surroundings;
  }

  /** Runs it, and returns what it printed, as text. */
  async run({ args = this.#options.command.slice(1), given, signal }: Invocation): Promise<string | Refusal> {
    const environment = await this.#environment();
    if (isRefusal(environment)) return environment;
    const end = await this.#programs.run({
      command: [this.name, ...args],
      environment: { ...environment, ...given },
      declared: this.name,
      maxBytes: MAX_OUTPUT_BYTES,
      signal: AbortSignal.any([signal, this.#closing.signal]),
      clock: this.#surroundings.clock,
    });
    if (isRefusal(end)) return end;
    const { status, output } = end;
    if (status === 0) return textIn(output) ?? invalid(`${this.name} printed output that is not valid UTF-8 text`);
    const how = status === undefined ? "was ended by a signal" : `ended with the status ${status}`;
    return unavailable(`${this.name} ${how}: run it by hand to see why`);
  }

  /** Ends it, if it is running. */
  close(): void {
    this.#closing.abort();
  }

  async #environment(): Promise<Record<string, string> | Refusal> {
    const environment: Record<string, string> = {};
    for (const name of [...basicNames(), ...this.#options.environment ?? []]) {
      const value = await this.#surroundings.variable(name);
      if (isRefusal(value)) return value;
      if (value !== undefined) environment[name] = value;
    }
    return environment;
  }
}

function textIn(output: readonly Uint8Array[]): string | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    return output.map((bytes) => decoder.decode(bytes, { stream: true })).join("") + decoder.decode();
  } catch { /* not UTF-8 */ }
}

/** Returns the program of a store that is opened; `undefined` if the runtime has no programs. */
export function openCommand(
  options: CommandOptions,
  types: Readonly<Record<string, string>>,
  surroundings: Surroundings,
): Command | Refusal | undefined {
  const { programs } = surroundings;
  if (programs) return wrongType(options, types) ?? new Command(options, programs, surroundings);
}

/** Parses an output that must be a JSON object. */
export function readJsonObject(text: string, name: string): Readonly<Record<string, unknown>> | Refusal {
  try {
    const value: unknown = JSON.parse(text);
    if (isPlain(value) && !Array.isArray(value)) return value;
  } catch { /* as below */ }
  return invalid(`${name} printed output that is not a JSON object`);
}
