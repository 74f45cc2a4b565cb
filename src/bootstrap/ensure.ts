import type { Credential } from "../core/chain/credential.ts";
import type { MaybePromise } from "../core/chain/eventually.ts";
import type { RawValues } from "../core/chain/field.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import { EnsureCall } from "./ensure_call.ts";
import { chooseTarget, type Slot } from "./target.ts";
import { WriteCall } from "./write_call.ts";

/**
 * The options of `ensure`.
 *
 * @typeParam F The credential's fields.
 *
 * @example Revoke what was minted in vain, and wait no longer than a minute
 * ```ts
 * import { createResolver, defineChain, file, required } from "@alphaswarm/credentials";
 * import { ensure } from "@alphaswarm/credentials/bootstrap";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * const chain = defineChain({
 *   stores: { file: file({ priority: 200, directory: "state" }) },
 *   credentials: {
 *     "db:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { file: "db.json" },
 *     },
 *   },
 * });
 * const mint = () => ({ user: "app-7", password: "not-a-secret" });
 * const credential = await ensure(createResolver(chain, testHost()), "db:basic", mint, {
 *   onOrphan: ({ user }) =>
 *     console.warn(`Remove the user ${user}: another process was quicker`),
 *   signal: AbortSignal.timeout(60_000),
 * });
 * console.log(credential.source); // "file"
 * ```
 * @category Bootstrap
 */
export interface EnsureOptions<F> {
  /**
   * Receives values that were minted but are not used, because another process was quicker or they could not be
   * written, so that they can be revoked. What it throws, or rejects with, is ignored, so it must itself report what
   * could not be revoked.
   */
  readonly onOrphan?: ((values: RawValues<F>) => MaybePromise<void>) | undefined;
  /**
   * Ends the wait for another process that mints, or for the store to show what was written, with the signal's reason; it
   * never ends `mint` itself.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves a credential, and mints it if it is missing: if neither the store that it would be written to nor one above
 * has it. Lower stores and defaults do not count, since a minted credential is meant to replace a static seed. If one
 * of those stores cannot answer, nothing is minted: an outage must never create a second principal.
 *
 * What is promised: of several processes one mints, and the others wait for it and get what it wrote.
 * - In a `file` store on a local file system, by a lock. `mint` may take as long as it needs, even if it blocks its
 *   thread, as `execFileSync` does. The lock of a process that was killed is taken over after 10 s.
 * - In a store of documents with a `write` that checks versions, whose look-up gives them (`answer`), by a claim: an empty
 *   document, which is a miss for every reader. It is taken over after 60 s, whether or not its process was killed, so
 *   `mint` must be quicker. A claim cannot be taken back, since a `write` removes no document: after a `mint` that failed
 *   the empty document stays, the same resolver may mint at once, and others after those 60 s.
 *
 * One call mints at most once. If a store shows a change only after a while, the call waits up to 10 s for what was
 * written, and then fails as `unavailable`, although the credential is written. A later call, or another process, may
 * mint again while the store does not show it.
 *
 * What is not promised:
 * - After a crash between minting and writing, the principal exists and its secret is lost.
 * - Several processes may mint at once on a network file system that does not create links exclusively, and, in a store
 *   with its own `write`, if it is a store of variables, if other credentials share the document, or if it checks no
 *   versions. If it checks versions, one credential is committed, all callers get that one, and the others go to
 *   `onOrphan`; otherwise the last to write replaces the others.
 * - Under Node's permissions without `--allow-worker`, a `mint` that blocks its thread keeps the lock for 10 s.
 *
 * So name your principals so that minting twice gives the same one.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @param resolver The resolver of the chain.
 * @param key The credential's key.
 * @param mint Creates the credential; called only once it is known that it can be written. It returns what `persist`
 * accepts.
 * @param options What to do with a credential that was minted in vain, and how long to wait.
 * @returns The credential, minted or found.
 * @throws {CredentialError} If a store cannot say whether it has the credential, or it cannot be written, or its store
 * does not show what was written. What `mint` throws is rethrown as it is.
 *
 * @example Mint a principal once
 * ```ts
 * import { defineChain, file, getResolver, required } from "@alphaswarm/credentials";
 * import { ensure } from "@alphaswarm/credentials/bootstrap";
 *
 * const chain = defineChain({
 *   stores: { file: file({ priority: 200, directory: "data/bootstrap" }) },
 *   credentials: {
 *     "polaris:oauth": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { file: "polaris-principal.json" },
 *     },
 *   },
 * });
 *
 * function bootstrap(mint: () => Promise<{ client_id: string; client_secret: string }>) {
 *   return ensure(getResolver(chain), "polaris:oauth", mint);
 * }
 * ```
 * @category Bootstrap
 */
export async function ensure<C, K extends keyof C & string>(
  resolver: Resolver<C>,
  key: K,
  mint: () => MaybePromise<RawValues<C[K]>>,
  options: EnsureOptions<C[K]> = {},
): Promise<Credential<C[K], K>> {
  const call = new WriteCall("ensure", resolver, key);
  const { names, required, fields } = call.plan;
  const identity = names.filter((_, at) => fields[at]!.identity);
  const choices = required.length > 0 ? [required.map((at) => names[at]!)] : identity.map((name) => [name]);
  const obstacle = ({ layout }: Slot) => {
    const obstacles = choices.map((fields) => layout.obstacle(fields));
    return obstacles.includes(undefined) ? undefined : obstacles[0];
  };
  const target = chooseTarget(call, obstacle);
  if (typeof target === "string") throw call.error("invalid", target);
  const ensuring = new EnsureCall(call, { ...target, choices }, mint, options);
  return await ensuring.run() as Credential<never> as Credential<C[K], K>;
}
