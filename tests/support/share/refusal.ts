import { isRefusal } from "../../../src/core/chain/outcome.ts";

/** Returns the outcome and then the detail of the refusal that a promise rejects with. */
export async function refusal(promise: Promise<unknown>): Promise<readonly string[]> {
  try {
    await promise;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return [error.outcome, error.detail];
  }
  throw new Error("Expected a refusal");
}
