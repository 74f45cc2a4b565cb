import type { MaybePromise } from "../core/chain/eventually.ts";
import { isRefusal, type Refusal } from "../core/chain/outcome.ts";

/**
 * Calls a client, and throws in our own words why it failed: what it threw may quote a password or an entry.
 *
 * @param why Words what the client threw.
 */
export async function calling<T>(call: () => MaybePromise<T>, why: (error: unknown) => Refusal): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isRefusal(error) ? error : why(error);
  }
}
