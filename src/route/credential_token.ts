import { insides } from "../insides.ts";
import type { KeyOf, Resolver } from "../resolver.ts";

/** How often the token is looked at again, at most, in milliseconds. */
const INTERVAL = 1_000;
/** How long a request waits for a token that nobody holds yet, in milliseconds. */
const PATIENCE = 2_000;

/**
 * Reads a token that is a field of a credential. Whoever knocks, the chain is asked for it at most once a second.
 *
 * @param resolver Where the credential comes from.
 * @param key Which one.
 * @param field Its field.
 * @returns What gives the token of the moment, or `undefined` while it can't be had.
 * @throws {TypeError} Where the chain has no such credential or field.
 */
export function credentialToken<C>(
  resolver: Resolver<C>,
  key: KeyOf<C>,
  field: string,
): () => Promise<string | undefined> {
  const { plan, ambient: { clock } } = insides(resolver);
  if (!plan.credentials.get(key)?.names.includes(field)) {
    throw new TypeError(`Cannot find a field "${field}" of a credential "${key}": auth.credential needs one`);
  }
  let since = -Infinity;
  let asking = 0;
  const ask = async () => {
    asking++;
    try {
      return await resolver.find(key, { budget: PATIENCE });
    } catch {
      return undefined;
    } finally {
      asking--;
    }
  };
  const read = () => {
    const now = clock.now();
    const held = resolver.peek(key);
    const due = now >= since + INTERVAL || now < since;
    if (!due && (held !== undefined || asking === 0)) return held;
    if (due) since = now;
    // Hint: whoever comes while nothing is held joins the request that is under way, which the resolver makes once.
    return ask();
  };
  return async () => {
    const token = (await read())?.get(field as never) as unknown;
    return typeof token === "string" && token.trim() !== "" ? token : undefined;
  };
}
