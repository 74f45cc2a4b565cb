import type { MaybePromise } from "../../core/chain/eventually.ts";
import { invalid, isRefusal, type Refusal, unavailable } from "../../core/chain/outcome.ts";

/**
 * Calls a client; if it throws, throws a refusal in our own words, since what it threw may quote a password or an
 * entry.
 *
 * @param why Returns the refusal for what the client threw.
 */
export async function calling<T>(call: () => MaybePromise<T>, why: (error: unknown) => Refusal): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isRefusal(error) ? error : forbidden(error) ?? why(error);
  }
}

// Hint: not `denied`, since another credential for the engine would not help.
/** Returns the refusal for a missing permission of the runtime; `undefined` for any other error. */
export function forbidden(error: unknown): Refusal | undefined {
  const { name, code, message, permission } = Object(Object(error).cause ?? error);
  if (name !== "NotCapable" && code !== "ERR_ACCESS_DENIED") return undefined;
  const [, deno] = /^Requires (env|ffi|net|read|run|sys|write) access/.exec(String(message)) ?? [];
  const flag = deno ?? (permission === "FileSystemRead" ? "fs-read" : "net");
  return unavailable(`the runtime does not permit it: needs --allow-${flag}`);
}

/** Connects; throws if the user's function returns something without the method that a connection has. */
export async function connecting<T>(
  connect: () => MaybePromise<T>,
  method: string & keyof T,
  why: (error: unknown) => Refusal,
): Promise<T> {
  const connection = await calling(connect, why);
  if (typeof Object(connection)[method] !== "function") {
    throw invalid(`connect() returned nothing that has ${method}(): fix it as the engine's documentation shows`);
  }
  return connection;
}
