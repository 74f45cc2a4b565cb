import { ambient } from "../core/runtime/ambient.ts";
import type { AnyChain } from "../core/chain/chain.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import { correction } from "../core/chain/unknown_name.ts";
import { UsageError } from "./command.ts";
import { quoted } from "./quoted.ts";

/**
 * Checks that the credential keys on the command line are declared in the chain.
 *
 * @param keys The keys, as given.
 * @param chain The chain.
 * @returns The same keys.
 * @throws {UsageError} If the chain has no credential with one of these keys.
 */
export function knownKeys(keys: readonly string[], chain: AnyChain): readonly string[] {
  const known = Object.keys(chain.credentials);
  for (const key of keys) {
    if (!known.includes(key)) {
      throw new UsageError(`Cannot find a credential${quoted(key, known)}${correction([key, known, "credentials"])}`);
    }
  }
  return keys;
}

/**
 * Checks that a store on the command line is declared in the chain.
 *
 * @param name The store's name, as given.
 * @param chain The chain.
 * @returns The same name.
 * @throws {UsageError} If the chain has no such store.
 */
export function knownStore(name: string, { stores }: AnyChain): string {
  if (Object.hasOwn(stores, name)) return name;
  const known = Object.keys(stores);
  throw new UsageError(`Cannot find a store${quoted(name, known)}${correction([name, known, "stores"])}`);
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
  if (typeof value === "string" && value.trim() !== "") return value;
  // Hint: somebody may pass the token itself, which must not appear in a log; a token hardly looks like `SERVE_TOKEN`.
  const shown = /^[A-Z]{1,16}(_[A-Z]{1,16}\d{0,2})+$/.test(name) ? name : "the variable that --token-env names";
  if (!isRefusal(value)) {
    const what = shown === name ? `in ${name}: the variable` : `in ${shown}: it`;
    throw new UsageError(`Cannot find a token ${what} is not set, or is blank`);
  }
  const detail = shown === name ? value.detail : value.outcome === "denied" ? "needs --allow-env" : "it is not text";
  throw new UsageError(`Cannot read ${shown}: ${detail}`);
}
