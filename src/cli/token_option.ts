import { ambient } from "../host.ts";
import { isRefusal } from "../outcome.ts";
import { Misuse } from "./command.ts";

/**
 * The token that `--token-env` names.
 *
 * @param name The option's text.
 * @returns The token, or nothing without the option.
 * @throws {Misuse} Where the variable is blank or may not be read.
 */
export async function tokenFrom(name: unknown): Promise<string | undefined> {
  if (typeof name !== "string") return undefined;
  const value = await ambient().variable(name);
  if (isRefusal(value)) throw new Misuse(`Cannot read ${name}: ${value.detail}`);
  if (value === undefined || value.trim() === "") throw new Misuse(`Cannot find a token: set ${name}`);
  return value;
}
