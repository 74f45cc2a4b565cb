import type { MaybePromise } from "../../core/chain/eventually.ts";
import type { OpenRegister, Share, ShareOptions } from "../../core/chain/share.ts";
import type { NeededCredential } from "../../core/chain/store_spec.ts";
import { shareEngine } from "./share_engine.ts";

/**
 * A kind of engine.
 *
 * @typeParam O The engine's own options.
 *
 * @example Options of its own, which are checked with the chain
 * ```ts
 * import { defineEngine, type EngineSpec, type OpenRegister } from "@alphaswarm/credentials/share";
 *
 * interface TableOptions {
 *   readonly url: string;
 *   readonly table?: string;
 * }
 * export function engineBy(connect: (url: string, table: string) => OpenRegister) {
 *   const spec: EngineSpec<TableOptions> = {
 *     kind: "table",
 *     options: { url: "string", table: "string|undefined" },
 *     open: (_, { url, table = "shared_tokens" }) => connect(url, table),
 *   };
 *   return defineEngine(spec); // engineBy(connect)({ url, seal: "fleet:seal" })
 * }
 * ```
 * @category Share
 */
export interface EngineSpec<O extends object = object> {
  /** The name of the kind, for `describe`. */
  readonly kind: string;
  /**
   * All of its own options, each with its type, for example `{ url: "string", table: "string|undefined" }`. Any other option,
   * or one of another type, is then a mistake in the chain.
   */
  readonly options?: { readonly [N in keyof O]-?: string };
  /**
   * Opens a connection, when the engine is first asked, and again after its credential was replaced or a call
   * failed. On workerd, where a connection belongs to the request that made it, it is opened for each renewal.
   *
   * @param credential The credential that the option `credential` names; absent without that option.
   * @param options The options with which the engine was created.
   */
  readonly open: (credential: NeededCredential | undefined, options: O) => MaybePromise<OpenRegister>;
}

/**
 * Creates the engine for a store's option `share`.
 *
 * @typeParam O The engine's own options.
 *
 * @example Choose the engine of a deployment
 * ```ts
 * import type { EngineFactory } from "@alphaswarm/credentials/share";
 *
 * // The stores of a chain are the same wherever it runs, and only the engine differs.
 * export function shareBy<O extends object>(engine: EngineFactory<O>, own: O) {
 *   return engine({ ...own, seal: "fleet:seal", credential: "fleet:engine" });
 * }
 * ```
 * @category Share
 */
export type EngineFactory<O extends object = object> = <
  const Seal extends string,
  const Credential extends string = never,
>(
  options: ShareOptions & O & { readonly seal: Seal; readonly credential?: Credential },
) => Share<Seal | Credential>;

/**
 * Defines a kind of engine, by which all machines of a fleet share their tokens. An engine is a register: a clock, and
 * one text for each name, which only a caller that knows the present text can replace. Names, encryption, leases,
 * waiting and outages are handled outside it, in the same way for every engine.
 *
 * @typeParam O The engine's own options.
 * @param spec What the engine is.
 * @returns A factory that takes the options, and creates the engine for a store's option `share`.
 *
 * @example An engine behind HTTP
 * ```ts
 * import { defineEngine } from "@alphaswarm/credentials/share";
 *
 * const service = defineEngine({
 *   kind: "service",
 *   open: (credential, { url }: { url: string }) => {
 *     const ask = async (method: string, name: string, body?: object) => {
 *       const headers = { authorization: `Bearer ${credential?.get("token")}` };
 *       const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
 *       const answer = await fetch(`${url}/${name}`, init);
 *       if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
 *       return await answer.json();
 *     };
 *     return {
 *       get: (name) => ask("GET", name), // { now, text, version }
 *       swap: async (name, before, text, ttl) =>
 *         (await ask("PUT", name, { before, text, ttl })).version,
 *     };
 *   },
 * });
 * const share = service({
 *   url: "https://register.example",
 *   credential: "fleet:register",
 *   seal: "fleet:seal",
 * });
 * console.log(share.needs); // ["fleet:seal", "fleet:register"]
 * ```
 * @category Share
 */
// @__NO_SIDE_EFFECTS__
export function defineEngine<O extends object = object>(spec: EngineSpec<O>): EngineFactory<O> {
  const { kind, options: own } = spec;
  const factory = (options: ShareOptions & O): Share =>
    shareEngine({ engine: kind, open: (credential) => spec.open(credential, options), own }, options);
  return factory as EngineFactory<O>;
}
