import type { MaybePromise } from "../../core/chain/eventually.ts";
import { invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { OpenRegister } from "../../core/chain/share.ts";
import { defineEngine, type EngineFactory } from "../define/define_engine.ts";
import { calling, connecting } from "../client/client_failure.ts";

/** Any URL will do: the binding leads to the object. */
const URL_OF_OBJECT = "https://token-register/";

/**
 * A namespace of Durable Objects, as a Worker's binding gives it.
 *
 * @example The namespace of a Worker's binding
 * ```ts
 * import { durableObject, type ObjectNamespace } from "@alphaswarm/credentials/share";
 *
 * // The bindings that wrangler.jsonc declares: DurableObjectNamespace is such a namespace.
 * interface Bindings {
 *   readonly TOKENS: ObjectNamespace;
 * }
 * export const shareOf = (env: Bindings) =>
 *   durableObject({ seal: "fleet:seal", connect: () => env.TOKENS });
 * ```
 * @category Share
 */
export interface ObjectNamespace {
  /** Returns the id of the object with a name. */
  idFromName(name: string): unknown;
  /** Returns a client of an object. */
  get(id: unknown): { fetch(url: string, init?: { method: string; body: string }): Promise<ObjectAnswer> };
}

/**
 * What an object answers.
 *
 * @example Objects in memory, for a test of a Worker
 * ```ts
 * import { type ObjectAnswer, type ObjectNamespace, type ObjectStorage, TokenRegister } from "@alphaswarm/credentials/share";
 *
 * export function namespace(storageOf: (name: string) => ObjectStorage): ObjectNamespace {
 *   const ask = (name: string, request: Request): Promise<ObjectAnswer> =>
 *     new TokenRegister({ storage: storageOf(name) }).fetch(request);
 *   return {
 *     idFromName: (name) => name,
 *     get: (id) => ({ fetch: (url, init) => ask(String(id), new Request(url, init)) }),
 *   };
 * }
 * ```
 * @category Share
 */
export interface ObjectAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** Reads the body. */
  json(): Promise<unknown>;
}

/**
 * The options of `durableObject` besides those of every engine.
 *
 * @example Another namespace for each tenant
 * ```ts
 * import { durableObject, type DurableObjectOptions, type ObjectNamespace } from "@alphaswarm/credentials/share";
 *
 * export function shareOf(tenants: ReadonlyMap<string, ObjectNamespace>, tenant: string) {
 *   const options: DurableObjectOptions = { connect: () => tenants.get(tenant)! };
 *   return durableObject({ seal: `${tenant}:seal`, ...options });
 * }
 * ```
 * @category Share
 */
export interface DurableObjectOptions {
  /** Returns the namespace of the class `TokenRegister`, for example `() => env.TOKENS`. */
  readonly connect: () => MaybePromise<ObjectNamespace>;
}

/**
 * Shares tokens by Durable Objects, one for each token. The Worker exports the class `TokenRegister`, and its
 * configuration binds it:
 *
 * ```jsonc
 * "durable_objects": { "bindings": [{ "name": "TOKENS", "class_name": "TokenRegister" }] },
 * "migrations": [{ "tag": "v1", "new_sqlite_classes": ["TokenRegister"] }]
 * ```
 *
 * Another Worker uses the same objects if its binding says `"script_name"`, the name of the one that exports the class.
 *
 * @example A Worker and its binding
 * ```ts ignore
 * import { env } from "cloudflare:workers";
 * import { durableObject } from "@alphaswarm/credentials/share";
 *
 * export { TokenRegister } from "@alphaswarm/credentials/share";
 *
 * const share = durableObject({ seal: "fleet:seal", connect: () => env.TOKENS });
 * ```
 * @category Share
 */
export const durableObject: EngineFactory<DurableObjectOptions> = /* @__PURE__ */ defineEngine<DurableObjectOptions>({
  kind: "durableObject",
  options: { connect: "function" },
  open: openObjects,
});

/** Returns the register of a namespace. */
export async function openObjects(_: unknown, { connect }: DurableObjectOptions): Promise<OpenRegister> {
  const namespace = await connecting(connect, "idFromName", refusalOf);
  // Hint: on workerd, an object's stub, a promise and an answer belong to the request that made them.
  const ask = (name: string, body?: object): Promise<Record<string, unknown>> =>
    calling(async () => {
      const object = namespace.get(namespace.idFromName(name));
      const init = { method: "PUT", body: JSON.stringify(body) };
      const answer = await (body ? object.fetch(URL_OF_OBJECT, init) : object.fetch(URL_OF_OBJECT));
      if (answer.status !== 200) throw misunderstood();
      return Object(await answer.json());
    }, refusalOf);
  return {
    get: async (name) => {
      const { now, text } = await ask(name);
      if (typeof now !== "number") throw misunderstood();
      return typeof text === "string" ? { now, text, version: text } : { now };
    },
    swap: async (name, before, text, ttl) => {
      const { swapped } = await ask(name, { before, text, ttl });
      if (typeof swapped !== "boolean") throw misunderstood();
      return swapped ? text : undefined;
    },
  };
}

function misunderstood(): Refusal {
  return invalid("the object's answer is not one of TokenRegister: bind that class");
}

function refusalOf(): Refusal {
  return unavailable("no answer from the object");
}
