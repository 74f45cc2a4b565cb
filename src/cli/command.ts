import type { AnyChain } from "../insides.ts";
import type { Terminal } from "./terminal.ts";

/** An option of one command, besides those that every command takes. */
export interface CommandOption {
  /** Whether it takes a text. */
  readonly type: "boolean" | "string";
  /** What the text is called in the help, for one that takes a text. */
  readonly value?: string;
  /** What it does, in a line. */
  readonly help: string;
}

/** What a command is given. */
export interface Call {
  /** Where its words go. */
  readonly terminal: Terminal;
  /** The arguments that are no options. */
  readonly positionals: readonly string[];
  /** The options, its own and `json`. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  /** Whether it prints JSON. */
  readonly json: boolean;
  /** Loads the chain that `--config` names, and checks it. */
  loadChain(): Promise<AnyChain>;
}

/** One command of the command line. */
export interface Command {
  /** What it is called by. */
  readonly name: string;
  /** Its arguments, for example `KEY`. */
  readonly args?: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What there is to know about it, in a few lines. */
  readonly help: string;
  /** Its own options. */
  readonly options?: Readonly<Record<string, CommandOption>>;
  /**
   * Runs it.
   *
   * @returns The exit code: 0, or 1 for a finding.
   * @throws {Misuse} Where it can't be run like this.
   */
  run(call: Call): Promise<number>;
}

/** A command line that can't be run: what is wrong with it and what would be right. The exit code is 2. */
export class Misuse extends Error {
  override readonly name = "Misuse";
}
