import { ChainError } from "../core/chain/errors.ts";
import { UsageError } from "./command.ts";
import { thrownText } from "./thrown.ts";

/** Says why a command could not run, without the messages of errors that the chain's code threw. */
export function messageOf(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  if (error instanceof ChainError) return `Cannot use the chain:\n${error.message}`;
  // Hint: code of the chain threw it, such as a store's own permissions().
  return `Cannot use the chain: ${thrownText(error)}`;
}
