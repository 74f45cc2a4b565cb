import { assert } from "@std/assert";
import { ChainError, CredentialError } from "../mod.ts";

/** The error that a promise of a credential ends with. */
export async function rejection(promise: Promise<unknown>): Promise<CredentialError> {
  const [settled] = await Promise.allSettled([promise]);
  assert(settled.status === "rejected", "Expected an error, found a credential");
  assert(settled.reason instanceof CredentialError, `Expected a CredentialError, found ${settled.reason}`);
  return settled.reason;
}

/** The problems that a chain is refused for, each as it is printed. */
export function problems(compile: () => unknown): readonly string[] {
  try {
    compile();
  } catch (error) {
    assert(error instanceof ChainError, `Expected a ChainError, found ${error}`);
    return error.message.split("\n");
  }
  throw new Error("Expected the chain to be refused");
}
