import type { MaybePromise } from "../core/chain/eventually.ts";
import { isRefusal, type Refusal, unavailable } from "../core/chain/outcome.ts";

/**
 * Calls a client, and throws in our own words why it failed: what it threw may quote a password or an entry.
 *
 * @param why Words what the client threw.
 */
export async function calling<T>(call: () => MaybePromise<T>, why: (error: unknown) => Refusal): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isRefusal(error) ? error : forbidden(error) ?? why(error);
  }
}

// Hint: not denied, since another credential of the engine would not help.
/** Returns which permission of the runtime was lacking; nothing for any other error. */
export function forbidden(error: unknown): Refusal | undefined {
  const { name, code, message, permission } = Object(Object(error).cause ?? error);
  if (name !== "NotCapable" && code !== "ERR_ACCESS_DENIED") return undefined;
  const [, deno] = /^Requires (env|ffi|net|read|run|sys|write) access/.exec(String(message)) ?? [];
  const flag = deno ?? (permission === "FileSystemRead" ? "fs-read" : "net");
  return unavailable(`the runtime does not permit it: needs --allow-${flag}`);
}
