import type { RawValues } from "../core/chain/field.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import { announce } from "./announce.ts";
import { Attempts } from "./attempts.ts";
import { draftAt, draftOf } from "./draft.ts";
import type { Draft } from "./layout.ts";
import { chooseTarget, compose, type Slot, type Target } from "./target.ts";
import { WriteCall } from "./write_call.ts";

/**
 * The options of `persist`.
 *
 * @example Write to a store below the highest
 * ```ts
 * import { createResolver, defineChain, file, required } from "@alphaswarm/credentials";
 * import { persist, type PersistOptions } from "@alphaswarm/credentials/bootstrap";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * const chain = defineChain({
 *   stores: {
 *     main: file({ priority: 200, directory: "main" }),
 *     spare: file({ priority: 100, directory: "spare" }),
 *   },
 *   credentials: {
 *     "db:basic": {
 *       fields: { password: required() },
 *       from: { main: "db.json", spare: "db.json" },
 *     },
 *   },
 * });
 * const options: PersistOptions = { store: "spare" };
 * const resolver = createResolver(chain, testHost());
 * const written = await persist(resolver, "db:basic", { password: "newer" }, options);
 * console.log(written.store); // "spare"
 * ```
 * @category Bootstrap
 */
export interface PersistOptions {
  /** The store to write to; unless set, the mapped store with the highest priority that can hold the credential. */
  readonly store?: string | undefined;
}

/**
 * Where a credential was written.
 *
 * @example Notice that what was written is not in use
 * ```ts
 * import { createResolver, defineChain, env, file, required } from "@alphaswarm/credentials";
 * import { persist, type Persisted } from "@alphaswarm/credentials/bootstrap";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * const chain = defineChain({
 *   stores: {
 *     env: env({ priority: 200 }),
 *     file: file({ priority: 100, directory: "state" }),
 *   },
 *   credentials: {
 *     "db:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "DB_" }, file: "db.json" },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, testHost({ env: { DB_PASSWORD: "older" } }));
 * const written: Persisted = await persist(resolver, "db:basic", { password: "newer" });
 * const { store, shadowedBy } = written;
 * console.log(store, shadowedBy); // "file", "env"
 * ```
 * @category Bootstrap
 */
export interface Persisted {
  /** The credential's key. */
  readonly key: string;
  /** The store that holds it now. */
  readonly store: string;
  /** The declared names under which it is there. */
  readonly names: readonly string[];
  /** A store with a higher priority that answers instead: what was written is not in use. */
  readonly shadowedBy?: string;
}

/**
 * Writes a credential where its mapping finds it, atomically and durably: a concurrent reader gets the old one or the
 * new one. Members of a document that the mapping does not know are kept; those that it knows but that are not given
 * are removed. Then every credential that is read from there, and every one that needs it, is renewed, and listeners
 * are notified.
 *
 * Instead of field values, a caller that the TypeScript compiler does not check may give what the store itself would
 * read, such as Polaris's own answer. It is written in its own form, without what the mapping does not know. This is
 * also how to write a credential that is read by a template: by the template's parts. Two forms at once are `invalid`,
 * and part of one is `incomplete`.
 *
 * Other processes notice within a second, which is how long they use what they read from a file.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @param resolver The resolver of the chain.
 * @param key The credential's key.
 * @param values The values of its fields as the store is to hold them, before any schema; or what the store would read.
 * @param options The store, unless it is the highest one that can hold the credential.
 * @returns Where it was written, and whether a higher store shadows it.
 * @throws {CredentialError} If the values do not fit, no store can hold them, or the write fails; then what was there
 * before is unchanged.
 *
 * @example Persist what was minted
 * ```ts
 * import { defineChain, file, getResolver, required } from "@alphaswarm/credentials";
 * import { persist } from "@alphaswarm/credentials/bootstrap";
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
 * async function bootstrap(principal: { client_id: string; client_secret: string }) {
 *   const { shadowedBy } = await persist(getResolver(chain), "polaris:oauth", principal);
 *   if (shadowedBy) {
 *     console.warn(`"${shadowedBy}" is asked before the file and answers instead`);
 *   }
 * }
 * ```
 * @category Bootstrap
 */
export async function persist<C, K extends keyof C & string>(
  resolver: Resolver<C>,
  key: K,
  values: RawValues<C[K]>,
  options: PersistOptions = {},
): Promise<Persisted> {
  const call = new WriteCall("persist", resolver, key);
  const given = call.presentMembers(values);
  const obstacle = (slot: Slot) => {
    const draft = draftOf(call, slot, given);
    return typeof draft === "string" ? draft : undefined;
  };
  const target = chooseTarget(call, obstacle, options.store);
  if (typeof target === "string") throw call.unfit(given, target);
  const draft = draftAt(call, target, given);
  await write(call, target, draft);
  const shadowedBy = await announce(call, target);
  const names = draft.places.map(({ name }) => name);
  return { key, store: target.source.store.name, names, ...(shadowedBy && { shadowedBy }) };
}

async function write(call: WriteCall, target: Target, draft: Draft): Promise<void> {
  const { medium, source } = target;
  const attempts = new Attempts(call, source.store.name);
  for (;;) {
    const before = await medium.read();
    if (isRefusal(before)) throw call.refused(source, before);
    const after = compose(call, target, before.value, draft);
    const written = await medium.replace(before, after, { exclusive: false });
    if (isRefusal(written)) throw call.refused(source, written);
    if (written) return;
    await attempts.lost();
  }
}
