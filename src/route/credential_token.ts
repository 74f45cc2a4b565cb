import { access } from "../core/engine/access.ts";
import type { KeyOf, Resolver } from "../core/engine/resolver.ts";

/** How often the credential is resolved again, at most. */
const RECHECK_MS = 1_000;
/** How long a request waits for a credential that is not held yet. */
const RESOLVE_BUDGET_MS = 2_000;

/**
 * Creates a function that reads a token from a credential. It resolves the credential at most once a second, however
 * many requests there are.
 *
 * @param resolver The resolver of the chain.
 * @param key The key of the credential.
 * @param field The field that holds the token.
 * @returns The function, which gives the current token, or `undefined` while it is not available.
 * @throws {TypeError} If the chain has no such credential or field.
 */
export function credentialToken<C>(
  resolver: Resolver<C>,
  key: KeyOf<C>,
  field: string,
): () => Promise<string | undefined> {
  const { plan, ambient: { clock } } = access(resolver);
  if (!plan.credentials.get(key)?.names.includes(field)) {
    throw new TypeError(
      `Cannot find the field "${field}" of the credential "${key}": expected a key and a field of the chain in auth`,
    );
  }
  let resolvedAt = -Infinity;
  let pending = 0;
  const resolve = async () => {
    pending++;
    try {
      return await resolver.find(key, { budget: RESOLVE_BUDGET_MS });
    } catch {
      return undefined;
    } finally {
      pending--;
    }
  };
  const read = () => {
    const now = clock.now();
    const held = resolver.peek(key);
    const due = now >= resolvedAt + RECHECK_MS || now < resolvedAt;
    if (!due && (held !== undefined || pending === 0)) return held;
    if (due) resolvedAt = now;
    // Hint: while nothing is held, concurrent requests join one flight of the resolver.
    return resolve();
  };
  return async () => {
    const token = (await read())?.get(field as never) as unknown;
    return typeof token === "string" && token.trim() !== "" ? token : undefined;
  };
}
