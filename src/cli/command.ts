import type { AnyChain } from "../core/chain/chain.ts";
import type { Terminal } from "./terminal.ts";

/** An option of one command, in addition to those that every command takes. */
export interface CommandOption {
  /** Whether it is a flag or takes a value. */
  readonly type: "boolean" | "string";
  /** The placeholder of its value in the help, such as `FILE`. */
  readonly value?: string;
  /** What it does, in one line. */
  readonly help: string;
}

/** What a command is called with. */
export interface CommandContext {
  /** Where it reads from and prints to. */
  readonly terminal: Terminal;
  /** The arguments that are not options. */
  readonly positionals: readonly string[];
  /** The values of its options by name, including `json`. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  /** Whether to print JSON. */
  readonly json: boolean;
  /** The path of the chain's module, as `--config` names it. */
  readonly config: string;
  /** Loads and validates the chain of that module. */
  loadChain(): Promise<AnyChain>;
}

/** One command of the command line. */
export interface Command {
  /** Its name on the command line. */
  readonly name: string;
  /** The placeholder of its arguments in the help, such as `KEY`. */
  readonly args?: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** What it does, in a few sentences. */
  readonly help: string;
  /** Its own options, by name. */
  readonly options?: Readonly<Record<string, CommandOption>>;
  /**
   * Runs it.
   *
   * @returns The exit code: 0 for success, 1 for a problem that it found.
   * @throws {UsageError} If it cannot run with these arguments.
   */
  run(context: CommandContext): Promise<number>;
}

/** A mistake on the command line; the message says what was expected. The exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
