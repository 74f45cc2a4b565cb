import type { AnyChain } from "../insides.ts";
import { Misuse } from "./command.ts";

/**
 * Sees to it that keys on the command line are the chain's.
 *
 * @param keys What was given.
 * @param chain The chain.
 * @returns The same keys.
 * @throws {Misuse} Where the chain lacks one of them.
 */
export function knownKeys(keys: readonly string[], chain: AnyChain): readonly string[] {
  const known = Object.keys(chain.credentials);
  for (const key of keys) {
    if (!known.includes(key)) {
      throw new Misuse(`Cannot find a credential "${key}": the credentials are ${known.join(", ")}`);
    }
  }
  return keys;
}
