import type { RawValues } from "../field.ts";
import { isRefusal } from "../outcome.ts";
import type { Resolver } from "../resolver.ts";
import { announce } from "./announce.ts";
import { chooseTarget, compose, type Target } from "./target.ts";
import { type Given, Task } from "./task.ts";

/** How often a write starts again because another one came first. */
const ATTEMPTS = 50;
/** How long it waits before that at most, in milliseconds. */
const PAUSE = 20;

/** How a credential is written. @category Bootstrap */
export interface PersistOptions {
  /** The store to write to; the highest mapped one that can hold it unless this says otherwise. */
  readonly store?: string | undefined;
}

/** Where a credential was written. @category Bootstrap */
export interface Persisted {
  /** The credential's key. */
  readonly key: string;
  /** The store that holds it now. */
  readonly store: string;
  /** The declared names under which it is there. */
  readonly names: readonly string[];
  /** A store of a higher priority that answers in its stead: what was written is not in use. */
  readonly shadowedBy?: string;
}

/**
 * Writes a credential where its mapping will find it, whole and for good: who reads meanwhile gets the old one or the
 * new one. Members of a document that the mapping doesn't know are kept; those that it knows and that aren't given are
 * removed. Then everything that is held from there, and everything that needs it, is renewed, and listeners are told.
 *
 * What other processes hold follows within a second, which is as long as they count what a file says.
 *
 * @param resolver The resolver of the chain.
 * @param key The credential.
 * @param values Its fields, as the store shall hold them: before any schema has changed them.
 * @param options The store, where it shall not be the highest that can hold it.
 * @returns Where it was written, and whether a higher store shadows it.
 * @throws {CredentialError} Where the values don't fit, no store can hold them, or the write fails; what was there
 * before is there still.
 *
 * @example
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
 *   if (shadowedBy) console.warn(`"${shadowedBy}" comes before the file and answers in its stead`);
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
  const task = new Task("persist", resolver, key);
  const given = task.given(values);
  const fields = Object.keys(given);
  const target = chooseTarget(task, [fields], options.store);
  await write(task, target, given);
  const shadowedBy = await announce(task, target);
  const { source, layout } = target;
  return { key, store: source.store.name, names: layout.names(fields), ...(shadowedBy && { shadowedBy }) };
}

async function write(task: Task, target: Target, given: Given): Promise<void> {
  const { medium, source } = target;
  const { clock, random } = task.inside.ambient;
  compose(task, target, undefined, given);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await medium.read();
    if (isRefusal(before)) throw task.refused(source, before);
    const after = compose(task, target, before.value, given);
    const written = await medium.replace(before, after, { exclusive: false });
    if (isRefusal(written)) throw task.refused(source, written);
    if (written) return;
    await new Promise<void>((resolve) => clock.after(random() * PAUSE, resolve));
  }
  throw task.error("unavailable", `"${source.store.name}" is written by others all the time`);
}
