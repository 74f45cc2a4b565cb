import { ambient } from "../core/runtime/ambient.ts";
import type { AnyChain } from "../core/chain/chain.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import { correction } from "../core/chain/unknown_name.ts";
import { UsageError } from "./command.ts";

/**
 * Checks that the credential keys on the command line are declared in the chain.
 *
 * @param keys The keys as they were given.
 * @param chain The chain.
 * @returns The same keys.
 * @throws {UsageError} If the chain has no credential with one of these keys.
 */
export function knownKeys(keys: readonly string[], chain: AnyChain): readonly string[] {
  const known = Object.keys(chain.credentials);
  for (const key of keys) {
    if (!known.includes(key)) {
      throw new UsageError(`Cannot find a credential "${key}"${correction([key, known, "credentials"])}`);
    }
  }
  return keys;
}

/**
 * Reads the token from the environment variable that `--token-env` names.
 *
 * @param name The option's value.
 * @returns The token, or `undefined` without the option.
 * @throws {UsageError} If the variable is not set, is blank or cannot be read.
 */
export async function tokenFrom(name: unknown): Promise<string | undefined> {
  if (typeof name !== "string") return undefined;
  const value = await ambient().variable(name);
  if (isRefusal(value)) throw new UsageError(`Cannot read ${name}: ${value.detail}`);
  if (value === undefined || value.trim() === "") {
    throw new UsageError(`Cannot find a token in ${name}: the variable is not set, or is blank`);
  }
  return value;
}
